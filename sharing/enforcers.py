"""What a measure may say that enforces it, beside the file's own rules: nets of Viaduct, each with its test.

A house test asks that each test named here exists.
"""

NETS: dict[str, str] = {
    "rule:brakes": "test_a_sudden_drop_refuses_that_source_and_no_other",
    "rule:cohort": "test_a_withdrawn_consent_withdraws_the_person",
    "rule:default_deny": "test_a_column_that_nobody_declared_never_leaves",
    "rule:disclosure_log": "test_any_flipped_byte_of_log_checkpoint_people_manifest_body_or_receipt_is_found",
    "rule:key_custodian": "test_the_file_does_not_load_with",
    "rule:sealed": "test_what_was_sealed_opens_to_the_same_bytes",
    "test:no_word_of_a_person_outside_the_warehouse": "test_nothing_personal_was_said_or_left_behind",
}
