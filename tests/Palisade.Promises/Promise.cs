namespace Palisade.Promises;

/// <summary>One promise of the security model and the test that tries it.</summary>
/// <param name="Number">As the security model numbers it.</param>
/// <param name="Project">The test program.</param>
/// <param name="Method">The end of the test's full name; all of a class by <c>*</c>.</param>
/// <param name="LongRun">Settings for the large count; empty when there is one count only.</param>
internal sealed record Promise(string Number, string Says, string Project, string Method, params (string Name, string Value)[] LongRun)
{
    /// <summary>The table. A new promise is a line here and a row in docs/reference/promises.md.</summary>
    public static IReadOnlyList<Promise> All { get; } =
    [
        new("T6.2", "a sealed file that was flipped at any byte or cut at any length is refused", "Palisade.Tests",
            "SealedFormatTests.*"),
        new("T6.3", "a rotation under load and kills loses nothing, and the old key opens nothing", "Palisade.Tests",
            "VaultCrashTests.A_rotation_that_is_killed_again_and_again_ends_and_loses_nothing",
            ("PALISADE_TEST_ROTATION_ITEMS", "100000"), ("PALISADE_TEST_ROTATION_KILLS", "50"), ("PALISADE_TEST_VAULT_BYTES", "2000")),
        new("T6.4", "it starts sealed, and only enough right shares unseal it", "Palisade.Tests",
            "SealingKeysTests.It_starts_sealed_and_only_three_right_shares_of_five_unseal_it"),
        new("T7.1", "a wiped primary comes back from its backup", "Palisade.Tests",
            "BackupTests.When_the_primary_is_wiped_the_backup_brings_back_all_of_it_and_its_proofs_hold"),
        new("T7.2", "a store set back is noticed on start and the gap named", "Palisade.Tests",
            "RollbackTests.A_store_set_back_by_one_record_an_hour_or_a_day_is_noticed_and_the_gap_is_named"),
        new("T7.3", "no route and no verb removes evidence under hold", "Palisade.Server.Tests",
            "NoRemovalTests.*"),
        new("T9.1", "a webhook cannot be forged, changed or replayed", "Palisade.Server.Tests",
            "WebhookVerifierTests.*"),
        new("T13.1", "nobody does alone what is on the list, by six ways to cheat", "Palisade.Tests",
            "ApprovalBookTests.Each_cheat_is_refused_and_logged_and_the_proper_way_still_works"),
        new("T13.1", "nothing is released by one person", "Palisade.Tests",
            "CustodyPacketTests.Nothing_leaves_before_a_second_person_said_yes_to_exactly_this"),
        new("T14.1", "nothing acknowledged is lost when the whole service is killed", "Palisade.Tests",
            "KilledHouseTests.Nothing_acknowledged_is_lost_or_damaged_when_the_whole_service_is_killed_at_any_moment",
            ("PALISADE_TEST_KILLS", "10000")),
        new("T14.1", "nothing acknowledged is lost when a busy store is killed", "Palisade.Tests",
            "CrashTests.Nothing_acknowledged_is_lost_when_the_process_is_killed_at_any_moment",
            ("PALISADE_TEST_KILLS", "10000")),
        new("T14.2", "every acknowledgement comes after a sync", "Palisade.Tests",
            "CrashTests.Every_acknowledgement_comes_after_a_sync_of_what_it_acknowledges"),
        new("T14.2", "a lazy store fails that trace", "Palisade.Tests",
            "CrashTests.A_lazy_store_would_fail_the_trace"),
        new("T14.2", "evidence is acknowledged after its file, name and record are synced", "Palisade.Tests",
            "VaultCrashTests.Every_acknowledgement_comes_after_a_sync_of_file_name_and_record"),
        new("T14.3", "an error at each write call in turn loses nothing acknowledged", "Palisade.Tests",
            "VaultCrashTests.An_error_at_each_write_call_in_turn_is_told_and_loses_nothing_acknowledged"),
        new("T14.6", "a byte damaged at random is found", "Palisade.Tests",
            "DamagedCopiesTests.A_byte_damaged_at_random_in_any_stored_file_is_found",
            ("PALISADE_TEST_DAMAGES", "1000")),
        new("T15.1", "every proof of every tree up to 256 leaves verifies, and no changed one does", "Palisade.Tests",
            "MerkleTreeTests.*"),
        new("T15.3", "the first bad entry of every tampered log is named", "Palisade.Tests",
            "TamperingTests.*",
            ("PALISADE_TAMPERED_COPIES", "1000")),
        new("T15.4", "of two copies on one log one refuses to sign", "Palisade.Tests",
            "AuditSequencerTests.Of_two_copies_on_one_log_one_refuses_to_sign"),
        new("T15.5", "a custody packet verifies offline by a 200-line script", "Palisade.Tests",
            "CustodyPacketTests.A_sealed_packet_holds_the_originals_as_they_lie_and_verifies_here_and_by_its_own_script"),
        new("T15.5", "a forged packet does not", "Palisade.Tests",
            "CustodyPacketTests.A_forged_entry_release_or_checkpoint_is_noticed_even_under_a_manifest_made_anew"),
        new("T17.1", "no secret of any input is in a log line, an answer, a figure or a file", "Palisade.Server.Tests",
            "CanaryTests.*"),
    ];
}
