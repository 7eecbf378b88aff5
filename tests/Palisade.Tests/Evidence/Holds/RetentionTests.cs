using CsCheck;
using Palisade.Evidence.Holds.Retention;

namespace Palisade.Tests.Evidence.Holds;

/// <summary>Duty table 15, 20 and 25: classes as data, what excludes what, and when evidence is due.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset Detected = HoldFixture.Start;

    [Fact]
    public void The_default_file_can_be_used_and_nothing_in_it_excludes_anything()
    {
        var book = HoldFixture.Book(RetentionBook.DefaultText);

        Assert.Empty(book.Unsettled([]));
        Assert.Equal(["us", "uk"], book.Of("anything").Classes.Select(one => one.Name));
    }

    [Fact]
    public void Every_jurisdiction_of_the_duty_table_is_shipped_and_each_rule_names_its_source()
    {
        var classes = HoldFixture.Book(RetentionBook.DefaultText).Classes;

        Assert.Equal(
            ["australia", "canada", "eu-messages", "none", "uk", "us"], classes.Keys.Order(StringComparer.Ordinal));
        Assert.All(classes.Values.SelectMany(one => one.Rules), rule => Assert.NotEmpty(rule.Source));
        Assert.Contains(
            classes["uk"].Rules,
            rule => rule is { About: RetainedAs.ReportReference, Kind: RetentionKind.Shortest } && rule.Span >= TimeSpan.FromDays(1827));
    }

    [Fact]
    public void A_longest_and_a_shortest_duty_that_exclude_each_other_are_named_with_both_sources()
    {
        var book = HoldFixture.Book(Surfaces("\"dms\": { \"classes\": [\"us\", \"eu-messages\"] }"));

        var conflict = Assert.Single(book.Unsettled([]));

        Assert.Equal("dms", conflict.Surface);
        Assert.Contains("2258A(h)(1)", conflict.ToString(), StringComparison.Ordinal);
        Assert.Contains("Reg. (EU) 2026/1881", conflict.ToString(), StringComparison.Ordinal);
        Assert.Contains("palisade retention choose dms", conflict.ToString(), StringComparison.Ordinal);
        Assert.Throws<RetentionFileException>(() => book.CheckSettled("retention.json", []));
    }

    [Fact]
    public void Duties_that_can_both_be_kept_are_no_conflict()
    {
        var book = HoldFixture.Book(Surfaces("\"dms\": { \"classes\": [\"canada\", \"eu-messages\", \"australia\", \"none\"] }"));

        Assert.Empty(book.Unsettled([]));
    }

    [Fact]
    public void A_recorded_choice_settles_its_own_conflict_and_no_other()
    {
        var book = HoldFixture.Book(Surfaces(
            "\"dms\": { \"classes\": [\"us\", \"eu-messages\"] }, \"mail\": { \"classes\": [\"us\", \"eu-messages\"] }"));
        var conflict = book.Unsettled([]).Single(one => one.Surface == "dms");

        var settled = Choose(conflict, conflict.Shortest);

        Assert.Equal(["mail"], book.Unsettled([settled]).Select(one => one.Surface));
        Assert.Equal(2, book.Unsettled([settled with { Conflict = "about another rule" }]).Count);
    }

    [Fact]
    public void Where_the_longest_duty_governs_reported_evidence_is_due_by_it_and_else_by_the_operators_term()
    {
        var surface = HoldFixture.Book(Surfaces("\"dms\": { \"classes\": [\"us\", \"eu-messages\"] }")).Of("dms");
        var conflict = Assert.Single(surface.Conflicts);
        var reported = Detected.AddDays(10);

        var longest = surface.DueOf(RetainedAs.Reported, Detected, reported, [Choose(conflict, conflict.Longest)]);
        var shortest = surface.DueOf(RetainedAs.Reported, Detected, reported, [Choose(conflict, conflict.Shortest)]);

        Assert.Equal(Detected.AddDays(365), longest!.At);
        Assert.Contains("2026/1881", longest.Rule, StringComparison.Ordinal);
        Assert.Equal(reported.AddDays(372), shortest!.At);
    }

    [Fact]
    public void Unconfirmed_messages_in_the_EU_are_due_at_the_decision()
    {
        var surface = HoldFixture.Book(Surfaces("\"dms\": { \"classes\": [\"eu-messages\"] }")).Of("dms");
        var decided = Detected.AddDays(3);

        Assert.Equal(decided, surface.DueOf(RetainedAs.NotConfirmed, Detected, decided, [])!.At);
        Assert.Equal(Detected.AddDays(365), surface.DueOf(RetainedAs.Undecided, Detected, Detected, [])!.At);
    }

    [Fact]
    public void Nobody_elses_undecided_evidence_is_ever_due_by_itself() => Assert.Null(
        HoldFixture.Book(RetentionBook.DefaultText).Of("avatars").DueOf(RetainedAs.Undecided, Detected, Detected, []));

    [Fact]
    public void An_operators_term_below_the_laws_shortest_is_lengthened_to_it()
    {
        var surface = HoldFixture.Book(Surfaces("\"x\": { \"classes\": [\"us\"], \"destroyAfter\": { \"reported\": \"10 days\" } }")).Of("x");

        var due = surface.DueOf(RetainedAs.Reported, Detected, Detected, []);

        Assert.Equal(Detected.AddDays(366), due!.At);
        Assert.Contains("2258A(h)(1)", due.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shortest_year_is_never_shorter_and_a_longest_never_longer_than_the_calendars() =>
        Gen.Select(Gen.Int[1, 60], Gen.DateTime[new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2039, 1, 1, 0, 0, 0, DateTimeKind.Utc)])
            .Sample((years, from) =>
            {
                Assert.True(RetentionTerm.TryParse($"{years} years", out var term));
                Assert.True(from + term.AsShortest >= from.AddYears(years));
                Assert.True(from + term.AsLongest <= from.AddYears(years));
            });

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("year")]
    [InlineData("-1 days")]
    [InlineData("1 month")]
    [InlineData("1  year")]
    [InlineData("99999999999 days")]
    [InlineData("1000 years")]
    public void What_is_no_term_is_refused(string text) => Assert.False(RetentionTerm.TryParse(text, out _));

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("null", "empty")]
    [InlineData("""{ "defaults": { "classes": ["mars"] } }""", "'mars' is no class")]
    [InlineData("""{ "defaults": { "destroyAfter": { "reported": "soon" } } }""", "'soon' is no term")]
    [InlineData("""{ "defaults": { "destroyAfter": { "report-reference": "5 years" } } }""", "one of undecided")]
    [InlineData("""{ "defaults": {}, "surfaces": { "a": { "klasses": [] } } }""", "surfaces")]
    [InlineData("""{ "defaults": {}, "classes": { "x": { "title": "X", "rules": [{ "about": "reported", "kind": "shortest", "term": "1 year", "source": " " }] } } }""", "name the source")]
    [InlineData("""{ "defaults": {}, "defaults": {} }""", "defaults")]
    [InlineData("""{ }""", "defaults")]
    public void A_mistake_in_the_file_is_answered_with_where_it_is(string text, string advice)
    {
        Assert.False(RetentionBook.TryParse(text, out _, out var problems));

        Assert.Contains(advice, string.Join(' ', problems), StringComparison.Ordinal);
    }

    [Fact]
    public void An_operators_own_class_counts_like_a_shipped_one()
    {
        var book = HoldFixture.Book(
            """
            { "defaults": { "classes": ["us", "home"] },
              "classes": { "home": { "title": "Home", "rules": [
                { "about": "reported", "kind": "longest", "term": "100 days", "source": "Home Act s. 1" } ] } } }
            """);

        Assert.Contains("Home Act s. 1", Assert.Single(book.Unsettled([])).ToString(), StringComparison.Ordinal);
    }

    private static RetentionChoice Choose(RetentionConflict conflict, RetentionRule governs) => new(
        conflict.Surface, conflict.Identity, governs.Identity,
        (governs == conflict.Shortest ? conflict.Longest : conflict.Shortest).Identity, Detected, "cli:anna", "counsel says so");

    private static string Surfaces(string surfaces) => RetentionBook.DefaultText.Replace(
        "\"surfaces\": {}", $"\"surfaces\": {{ {surfaces} }}", StringComparison.Ordinal);
}
