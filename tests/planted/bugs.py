"""Bugs to plant into the product's own source, each with the test that must catch it.

A bug is one piece of text in one file put in the place of another; the piece that is right stands there just
once, so a bug that the product has outgrown is noticed. docs/reliability.md lists them.
"""

from tests.planted.bug import ROOT, Bug
from tests.planted.bugs_of_disclosure import BUGS_OF_DISCLOSURE
from tests.planted.bugs_of_findings import BUGS_OF_FINDINGS

UNIT, CONTRACT, END = "tests/unit", "tests/contract", "tests/end_to_end"
BUGS: tuple[Bug, ...] = (
    # -- files and order
    Bug(
        "a file is named before its bytes are durable",
        "common/files.py",
        "            file.flush()\n            os.fsync(file.fileno())\n        replace_file",
        "            file.flush()\n        replace_file",
        f"{UNIT}/common/test_files.py::test_the_bytes_of_a_file_are_durable_before_its_name_is[write_atomic]",
    ),
    Bug(
        "a rename is not made durable",
        "common/files.py",
        "    os.replace(temporary, final)\n    fsync_folder(final.parent)",
        "    os.replace(temporary, final)",
        f"{UNIT}/common/test_files.py::test_a_file_is_replaced_whole_and_its_folder_made_durable",
    ),
    Bug(
        "a batch is published before the log tells of it",
        "sync/deliver.py",
        "    _log(batch, way)\n    _publish(batch, way)\n    given_up",
        "    _publish(batch, way)\n    _log(batch, way)\n    given_up",
        "tests/crash/test_power_and_disk.py::test_what_a_night_names_is_durable_before_anything_rests_on_it",
        daily=False,
    ),
    Bug(
        "the manifest appears before the files it names",
        "connectors/landing_zone.py",
        "            for name, source in bodies.items():",
        '            self._files.write(f"{place}/{MANIFEST_NAME}", manifest)\n'
        "            for name, source in bodies.items():",
        f"{UNIT}/connectors/test_landing_folder.py::test_the_manifest_appears_last",
    ),
    Bug(
        "a receipt is taken by its position",
        "sync/deliver.py",
        '    if receipt.batch_id != batch.id or receipt.manifest_sha256 != batch.note["manifest_sha256"]:',
        "    if receipt.sequence != batch.sequence:",
        f"{END}/test_receipts.py::test_a_false_receipt_moves_no_memory",
        daily=False,
    ),
    Bug(
        "any signature makes a receipt",
        "sealing/receipt.py",
        "not any(key.accepts(Purpose.RECEIPT, receipt.canonical_bytes(), signature) for key in keys)",
        "not keys",
        f"{UNIT}/sealing/test_wire.py::test_a_changed_receipt_is_refused",
    ),
    Bug(
        "any signature makes a manifest",
        "warehouse/open_batch.py",
        "        raise Refused(Refusal.MANIFEST_SIGNATURE)\n    manifest = _manifest",
        "        pass\n    manifest = _manifest",
        f"{CONTRACT}/test_warehouse_refusals.py::test_a_batch_of_another_sender_is_refused",
    ),
    Bug(
        "a used number is taken once more",
        "warehouse/open_batch.py",
        "    if manifest.sequence <= head.sequence:\n        raise Refused(Refusal.SEQUENCE_USED)\n",
        "",
        f"{CONTRACT}/test_warehouse_refusals.py::test_another_batch_with_a_used_number_is_refused",
    ),
    Bug(
        "the digest of what was opened is not compared",
        "warehouse/open_batch.py",
        "    if len(plain) != file.plain_bytes or _sha256(plain) != file.plain_sha256:\n"
        "        raise Refused(Refusal.PLAIN_DIGEST)\n",
        "",
        f"{CONTRACT}/test_warehouse_refusals.py::test_a_file_that_is_not_what_the_manifest_says_is_refused",
    ),
    Bug(
        "the last row of a file is lost on its way into the warehouse",
        "warehouse/batch_load.py",
        "            self._upsert(file, self._open(file), replace=file.entity not in new)",
        "            self._upsert(file, self._open(file)[:-1], replace=file.entity not in new)",
        f"{UNIT}/warehouse/test_load.py::test_every_kind_of_field_arrives_as_its_own_type",
    ),
    Bug(
        "what the warehouse holds is not counted after a load",
        "warehouse/batch_load.py",
        "        if rows != told:\n            raise Refused(Refusal.ROW_COUNT)\n",
        "",
        f"{CONTRACT}/test_warehouse_refusals.py::test_what_was_loaded_is_counted_in_the_table",
    ),
    Bug(
        "a withdrawn row stays",
        "warehouse/batch_load.py",
        '            self._remove(f"{self._table(file.entity)} WHERE {key} IN {chosen}")\n',
        "",
        f"{UNIT}/warehouse/test_load.py::test_a_withdrawn_record_is_removed_and_leaves_a_tombstone",
    ),
    Bug(
        "what was replaced stays in the free blocks of the file",
        "warehouse/working_copy.py",
        "self._rewritten() if rewrite else self._file",
        "self._file",
        f"{UNIT}/warehouse/test_load.py::test_what_was_replaced_or_withdrawn_is_not_left_in_the_file",
    ),
    Bug(
        "anybody on the machine may read the warehouse",
        "warehouse/working_copy.py",
        "        finished.chmod(PRIVATE_FILE)\n",
        "        finished.chmod(0o644)\n",
        f"{UNIT}/warehouse/test_load.py::test_the_warehouse_can_be_read_by_its_owner_only",
    ),
    # -- what may leave, and when
    Bug(
        "an assessment that has expired is accepted",
        "sharing/dpia.py",
        "        return [due for due in self.calendar(today) if due.stops is stops and not due.holds(today)]",
        "        return []",
        f"{UNIT}/sharing/test_calendar.py::test_what_has_passed_stops_the_flows_it_governs",
    ),
    Bug(
        "the day is taken where the host stands",
        "common/clock.py",
        "    return now().astimezone(LONDON).date()",
        "    return now().astimezone().date()",
        f"{UNIT}/common/test_clock.py::test_a_day_is_london_s_wherever_the_host_stands",
    ),
    Bug(
        "the brake lets everything go",
        "sync/brakes.py",
        "        return lost > max(self.at_least, before * self.drop_percent / 100) or _most(before, lost)",
        "        return False",
        f"{UNIT}/sync/test_brakes.py::test_of_long_lists_the_settings_say_what_is_usual",
    ),
    Bug(
        "a night may be cut into smaller ones",
        "sync/tripwires.py",
        "if most is not None and rows and rows + earlier.rows > most:",
        "if most is not None and rows and rows > most:",
        f"{UNIT}/sync/test_tripwires.py::test_what_earlier_runs_of_the_day_sent_is_added_and_said",
    ),
    Bug(
        "a share tells of a count that is hidden",
        "feed/shares.py",
        '    hidden = ~pl.col("shown").is_in(OPEN)',
        "    hidden = pl.lit(False)",
        "tests/property/test_feed_sums.py::test_what_is_hidden_of_either_count_hides_the_share",
    ),
    # -- one at a time, and once
    Bug(
        "the lock is forgotten",
        "sync/lock.py",
        "        lock.acquire()",
        "        pass",
        f"{END}/test_lock.py::test_of_two_runs_at_once_one_works_and_the_other_leaves",
        daily=False,
    ),
    Bug(
        "a set of leaves is added twice",
        "audit/log.py",
        "        if known == len(leaves) > 0:\n            return self._checkpoint\n"
        "        if known or not leaves:",
        "        if not leaves:",
        f"{UNIT}/audit/test_log.py::test_asked_twice_a_set_of_leaves_is_added_once",
    ),
    Bug(
        "what a kill left unsigned stays in the log",
        "audit/log.py",
        "            cut_durably(self._folder / LEAVES, size)\n",
        "            pass\n",
        f"{UNIT}/audit/test_log.py::test_what_a_kill_left_unsigned_is_cut_off",
    ),
    Bug(
        "what was begun is not written down",
        "scheduler/due.py",
        "    _write(site, {source: begun[source].claim.again(begun[source].slot, now) for source in due})\n",
        "",
        f"{UNIT}/scheduler/test_due.py::test_a_run_that_kills_its_host_each_time_is_not_begun_for_ever",
    ),
    Bug(
        "a run of a clock that ran ahead takes tomorrow's slot",
        "scheduler/due.py",
        "if run.run_id not in ahead",
        "if run.run_id",
        f"{UNIT}/scheduler/test_due.py::test_a_clock_that_ran_exactly_a_day_ahead_takes_no_slot_of_tomorrow",
    ),
    Bug(
        "a slot is taken by the host's own zone",
        "scheduler/timetable.py",
        "                instant = datetime.combine(day, time, zone).astimezone(UTC)",
        "                instant = datetime.combine(day, time).astimezone(UTC)",
        f"{UNIT}/scheduler/test_timetable.py::test_one_run_on_the_nights_the_clocks_change",
    ),
    Bug(
        "a pause that a clock set back has not reached is none",
        "scheduler/pauses.py",
        "        return self.ends_at is None or now < self.ends_at",
        "        return self.since <= now and (self.ends_at is None or now < self.ends_at)",
        f"{UNIT}/scheduler/test_pauses.py::test_a_clock_set_back_ends_no_pause",
    ),
    # -- what must not be seen
    Bug(
        "a value of a record is logged",
        "common/log.py",
        "        return value if isinstance(value, str) and shape.fullmatch(value) else REDACTED",
        "        return value",
        f"{UNIT}/common/test_log.py::test_an_allowed_field_of_the_wrong_shape_is_redacted",
    ),
    Bug(
        "an error is logged in its own words",
        "common/log.py",
        '    told = {"error_class": type(error).__name__}',
        '    told = {"error_class": str(error)}',
        f"{UNIT}/common/test_log.py::test_an_exception_leaves_its_class_and_code_only",
    ),
    Bug(
        "what was pulled is spooled in clear",
        "connectors/spool.py",
        "        sealed = cipher.encrypt(_nonce(number), plain, None)",
        "        sealed = bytes(plain) + bytes(16)",
        f"{UNIT}/connectors/test_spool.py::test_what_goes_to_disk_can_not_be_read_there",
    ),
    Bug(
        "a nonce is used twice",
        "connectors/spool.py",
        "            self._frames += 1\n",
        "            self._frames = 1\n",
        f"{UNIT}/connectors/test_spool.py::test_no_nonce_is_used_twice",
    ),
    Bug(
        "a private key that others may read is used",
        "sealing/rights.py",
        "    for place in _openings(private, OTHERS_MAY):\n",
        "    for place in ():\n",
        f"{UNIT}/sealing/test_keys.py::test_a_private_file_that_others_may_use_is_refused",
    ),
    Bug(
        "the key of a host is ignored",
        "connectors/sftp_line.py",
        "                known_hosts=(host_keys, [], []),",
        "                known_hosts=None,",
        f"{CONTRACT}/test_landing_sftp.py::test_a_server_with_another_key_is_not_spoken_to",
        daily=False,
    ),
    Bug(
        "a key that was revoked signs on",
        "sealing/revoked.py",
        "    if is_revoked(role, key, public):",
        "    if not role:",
        f"{UNIT}/sealing/test_revoking.py::test_nobody_signs_believes_or_seals_with_a_key_that_was_revoked",
    ),
    # -- nothing lost
    Bug(
        "a row without a fate goes unnoticed",
        "sync/gather.py",
        "        if table.height + mapped.rejected.height != batch.height:",
        "        if table.height > batch.height:",
        f"{UNIT}/sync/test_gather.py::test_a_row_without_a_fate_stops_everything",
    ),
    Bug(
        "memory moves before the batch was received",
        "sync/deliver.py",
        "    receipt = _receipt(batch, way)\n    if receipt is None:\n",
        "    _remember(batch, outbox, way)\n    receipt = _receipt(batch, way)\n    if receipt is None:\n",
        f"{END}/test_receipts.py::test_a_council_elsewhere_answers_in_its_own_time",
        daily=False,
    ),
    Bug(
        "what was sealed is sealed anew after a kill",
        "sync/outbox.py",
        '        for path in self.folder.glob(".*"):\n            shutil.rmtree(path)',
        "        for path in self.folder.iterdir():\n            shutil.rmtree(path)",
        f"{END}/test_kills.py::test_killed_at_any_step_the_next_run_ends_as_if_it_never_was[2]",
        daily=False,
    ),
    Bug(
        "a chain that is lost is begun anew",
        "sync/outbox.py",
        "        if not self._chain_path.exists() and not self.memory_path.exists():",
        "        if not self._chain_path.exists():",
        f"{UNIT}/sync/test_outbox.py::test_a_chain_that_is_lost_is_not_begun_anew",
    ),
    Bug(
        "a canonical table can be written down",
        "sharing/release.py",
        "        if key is not _ONLY_FROM_A_FLOW:",
        "        if not flow:",
        f"{UNIT}/sharing/test_release.py::test_a_canonical_table_cannot_be_released",
    ),
    Bug(
        "a source of which the assessment says nothing counts as safe",
        "sharing/safety.py",
        '        return {"person": pl.lit(value=True)}\n    asked: dict[str, list[pl.Expr]] = {}',
        '        return {"person": pl.lit(value=False)}\n    asked: dict[str, list[pl.Expr]] = {}',
        f"{UNIT}/sharing/test_safety.py::test_a_source_of_which_nothing_is_said_flags_everybody",
    ),
    Bug(
        "a clock set beside the run destroys what it should keep",
        "sync/run.py",
        "            if abs(self.steps.clock_moved_seconds) <= MOST_SECONDS:\n",
        "            if True:\n",
        f"{END}/test_time_and_stops.py"
        "::test_a_clock_that_is_set_or_a_file_that_expires_beside_the_run_lets_nothing_leave",
        daily=False,
    ),
    Bug(
        "what is destroyed is not logged first",
        "sync/sweep.py",
        '        place.log.append_once(leaf["identity"], [leaf])\n',
        "",
        f"{END}/test_own_clocks.py"
        "::test_after_the_period_of_the_log_its_secrets_are_destroyed_and_the_log_verifies",
        daily=False,
    ),
    Bug(
        "a signal that asks for an end is not heard",
        "common/ending.py",
        "    _asked.append(TERMINATED if number == signal.SIGTERM else INTERRUPTED)\n",
        "",
        f"{UNIT}/common/test_ending.py::test_a_library_that_swallows_the_signal_does_not_keep_the_process",
    ),
    # -- flows that rest
    Bug(
        "a flow that only takes back seals rows that are handed to it",
        "sharing/withdrawing_flow.py",
        "        if released.columns != [key]:\n",
        "        if not released.columns:\n",
        f"{UNIT}/sharing/test_withdrawing_flow.py::test_rows_that_are_handed_to_it_are_refused[person]",
    ),
    Bug(
        "a batch that takes back for a flow that is gone counts as the assessment that ran",
        "audit/ledger.py",
        'if said["run"] == self.latest_run and not (self.says_itself and _takes_back_alone(said)):',
        'if said["run"] == self.latest_run:',
        f"{UNIT}/audit/test_log.py::test_a_batch_that_takes_back_alone_does_not_make_its_assessment_the_last",
    ),
    Bug(
        "rows of a flow that rests leave",
        "sync/stopped.py",
        "    if not batch.takes_back_alone:\n",
        "    if False:\n",
        f"{END}/test_taken_back_at_rest.py::test_rows_that_were_sealed_before_the_pause_do_not_leave",
        daily=False,
    ),
    Bug(
        "an opt-out finds only whom tonight's exports name",
        "sync/known_numbers.py",
        '    return pl.concat([tonight, kept.join(told, on="person", how="anti")])\n',
        '    return pl.concat([tonight, kept.join(told, on="person", how="anti").head(0)])\n',
        f"{END}/test_opt_outs_of_the_absent.py::test_an_opt_out_withdraws_though_its_source_is_refused",
        daily=False,
    ),
    # -- the timetable's runs
    Bug(
        "a run by the timetable takes what time it wants",
        "commands/scheduled.py",
        "Wish(choose=lambda: claim_due(site), timeout=seconds)",
        "Wish(choose=lambda: claim_due(site), timeout=timeout)",
        f"{END}/test_by_the_timetable.py::test_a_run_that_takes_too_long_stops_before_it_sends_and_says_so",
        daily=False,
    ),
    Bug(
        "a step that hangs is waited for",
        "commands/scheduled.py",
        "    last.start()\n",
        "",
        f"{UNIT}/commands/test_scheduled.py"
        "::test_a_step_that_hangs_is_ended_when_the_run_s_last_time_is_over",
    ),
    Bug(
        "what lasts is a new problem every night",
        "scheduler/usual.py",
        "        first = nights[at]\n",
        "        pass\n",
        f"{CONTRACT}/test_alerts.py"
        "::test_far_fewer_records_night_after_night_are_one_problem_and_one_recovery",
    ),
    Bug(
        "what comes again is taken for what lasts",
        "scheduler/alerts.py",
        "if one.key not in known or one.since > known[one.key].told_at]",
        "if one.key not in known]",
        f"{CONTRACT}/test_alerts.py"
        "::test_a_problem_that_goes_and_comes_again_between_two_rounds_is_told_anew",
    ),
    # -- keys that are changed
    Bug(
        "a key that answered before is believed whatever the day",
        "sealing/receipt.py",
        "for key in before if key.counts_at(receipt.at))",
        "for key in before)",
        f"{UNIT}/sealing/test_revoking.py"
        "::test_answers_of_before_are_believed_in_their_time_until_the_key_is_revoked",
    ),
    # -- the doctor
    Bug(
        "the doctor does not ask when a key to the landing zone ends",
        "sync/doctor/asking.py",
        "    yield from access_lines(site)\n",
        "",
        f"{UNIT}/sync/test_doctor_access.py::test_the_whole_doctor_looks_at_the_keys_of_the_landing_zone",
    ),
    Bug(
        "the room for a copy of the warehouse is not counted",
        "sync/doctor/machine.py",
        "    return 3 * largest + copied\n",
        "    return 3 * largest\n",
        f"{UNIT}/sync/test_doctor_access.py::test_the_disk_must_hold_a_copy_of_the_warehouse_file",
    ),
    Bug(
        "the doctor does not ask what the server would log",
        "sync/doctor/reach.py",
        "        refuse_a_log_of_values(connection, server)\n",
        "        pass\n",
        f"{CONTRACT}/test_doctor_reach.py::test_a_warehouse_that_would_log_values_is_told",
    ),
    Bug(
        "the password of the warehouse is not looked for",
        "commands/lacking.py",
        '        settings["warehouse"] = site.warehouse\n',
        "        pass\n",
        f"{UNIT}/commands/test_lacking.py"
        "::test_the_password_of_the_warehouse_is_looked_for_where_it_is_loaded[embedded-1]",
    ),
    # -- a server as the warehouse
    Bug(
        "a server that falls silent holds a load for ever",
        "warehouse/postgres_line.py",
        "        line.answer_seconds = server.answer_seconds\n",
        "",
        f"{CONTRACT}/test_postgres_silence.py"
        "::test_a_server_that_falls_silent_is_left_after_the_longest_wait_and_the_next_load_makes_it_good",
        daily=False,
    ),
    # -- the lake
    Bug(
        "a receipt is left before the lake shows its batch",
        "warehouse/load.py",
        "        if publish is not None:\n            publish()\n        return answers + _leave_receipts("
        "landing, council, books, {receipt.batch_id for receipt in answers})\n",
        "        left = {receipt.batch_id for receipt in answers}\n"
        "        again = _leave_receipts(landing, council, books, left)\n"
        "        if publish is not None:\n            publish()\n        return answers + again\n",
        f"{CONTRACT}/test_lake.py::test_no_receipt_is_left_before_the_lake_shows_the_batch",
    ),
    Bug(
        "what was written into the lake is not counted",
        "warehouse/lake_parquet.py",
        "            raise WrongCount\n",
        "            pass\n",
        f"{CONTRACT}/test_lake.py::test_a_count_that_differs_moves_no_pointer",
    ),
    Bug(
        "old versions of the lake stay for good",
        "warehouse/lake_pointer.py",
        "        return since <= now < since + keep\n",
        "        return True\n",
        f"{CONTRACT}/test_lake.py::test_withdrawn_rows_are_gone_at_once_and_from_every_file_after_the_hour",
    ),
    Bug(
        "the log of a Delta table keeps the least and the greatest value",
        "warehouse/lake_delta.py",
        'WITHOUT_VALUES = {"delta.dataSkippingNumIndexedCols": "0"}',
        "WITHOUT_VALUES: dict[str, str] = {}",
        f"{CONTRACT}/test_lake_delta.py::test_no_value_of_a_withdrawn_row_stays_in_a_file_or_in_the_log",
    ),
    Bug(
        "a copy of half a table is taken over",
        "warehouse/tsql.py",
        '            f"IF {given} IS NULL OR {given} <> {held}",\n',
        '            f"IF {given} <> {held}",\n',
        f"{CONTRACT}/test_tsql.py::test_a_copy_that_is_not_whole_is_asked_about_before_anything_is_done",
    ),
    # -- the life of findings
    *BUGS_OF_FINDINGS,
    # -- small numbers
    *BUGS_OF_DISCLOSURE,
)

__all__ = ["BUGS", "ROOT", "Bug"]
