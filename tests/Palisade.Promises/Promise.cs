namespace Palisade.Promises;

/// <summary>One promise of the security model and the test that tries it.</summary>
/// <param name="Number">As the security model numbers it.</param>
/// <param name="Project">The test program.</param>
/// <param name="Method">The end of the test's full name.</param>
/// <param name="LongRun">Settings for the large count; empty when there is one count only.</param>
internal sealed record Promise(string Number, string Says, string Project, string Method, params (string Name, string Value)[] LongRun)
{
    /// <summary>The table. A new promise is a line here and a row in docs/reference/promises.md.</summary>
    public static IReadOnlyList<Promise> All { get; } =
    [
        new("T14.1", "nothing acknowledged is lost when the whole service is killed", "Palisade.Tests",
            "KilledHouseTests.Nothing_acknowledged_is_lost_or_damaged_when_the_whole_service_is_killed_at_any_moment",
            ("PALISADE_TEST_KILLS", "10000")),
        new("T14.1", "nothing acknowledged is lost when a busy store is killed", "Palisade.Tests",
            "CrashTests.Nothing_acknowledged_is_lost_when_the_process_is_killed_at_any_moment",
            ("PALISADE_TEST_KILLS", "10000")),
        new("T14.2", "every acknowledgement comes after a sync", "Palisade.Tests",
            "CrashTests.Every_acknowledgement_comes_after_a_sync_of_what_it_acknowledges"),
        new("T14.6", "a byte damaged at random is found", "Palisade.Tests",
            "DamagedCopiesTests.A_byte_damaged_at_random_in_any_stored_file_is_found",
            ("PALISADE_TEST_DAMAGES", "1000")),
        new("T7.1", "a wiped primary comes back from its backup", "Palisade.Tests",
            "BackupTests.When_the_primary_is_wiped_the_backup_brings_back_all_of_it_and_its_proofs_hold"),
        new("T15.5", "a custody packet verifies offline by a 200-line script", "Palisade.Tests",
            "CustodyPacketTests.A_sealed_packet_holds_the_originals_as_they_lie_and_verifies_here_and_by_its_own_script"),
        new("T15.5", "a forged packet does not", "Palisade.Tests",
            "CustodyPacketTests.A_forged_entry_release_or_checkpoint_is_noticed_even_under_a_manifest_made_anew"),
        new("T13.1", "nothing is released by one person", "Palisade.Tests",
            "CustodyPacketTests.Nothing_leaves_before_a_second_person_said_yes_to_exactly_this"),
    ];
}
