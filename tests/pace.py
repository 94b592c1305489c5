"""Which files of tests begin first, so that the workers end at about the same time."""

# They keep a worker busy for most of a minute or longer; the longest first, as measured. One of them that
# began last would leave the others idle. `make test` keeps this order.
LONGEST = (
    "crash/test_kills.py",  # and with it the others of that folder: one worker plays them all
    "reliability/test_portal_matrix.py",
    "reliability/test_rest_nights.py",
    "end_to_end/test_kills.py",
    "unit/sharing/test_edited_assessments.py",
    "end_to_end/test_partitions.py",
    "end_to_end/test_receipts.py",
    "end_to_end/test_stricter_reading.py",
    "end_to_end/test_fates.py",
    "end_to_end/test_canaries.py",
    "end_to_end/test_view.py",
    "end_to_end/test_pages_in_a_browser.py",
)
