using System.CommandLine;
using Palisade.Banks;
using Palisade.Policy;

namespace Palisade.Server.Cli.Banks;

/// <summary>The settings that <c>bank create</c> and <c>bank change</c> have in common.</summary>
internal sealed class BankSettingOptions
{
    private readonly Option<string?> _owner = new("--owner") { Description = "Who answers for what is in it", HelpName = "TEXT" };

    private readonly Option<string?> _source = new("--source") { Description = "Where its signals come from", HelpName = "TEXT" };

    private readonly Option<int?> _maxDistance = new("--max-distance")
    {
        Description = "Most differing bits that are still a match, 0 to 255 [default: 31; never-match: 0]",
        HelpName = "BITS",
    };

    private readonly Option<int?> _minQuality = new("--min-quality")
    {
        Description = "Least PDQ quality of a signal and of an upload, 0 to 100 [default: 50]",
        HelpName = "QUALITY",
    };

    private readonly Option<VerdictAction?> _allowedAction =
        Words.Option<VerdictAction>("--allowed-action", "The strongest action that a match may lead to [default: hold]");

    private readonly Option<double?> _enabledRatio = new("--enabled-ratio")
    {
        Description = "Share of uploads that it is compared with, 0 to 1 [default: 1]",
        HelpName = "SHARE",
    };

    private readonly Option<NewSignals?> _newSignals =
        Words.Option<NewSignals>("--new-signals", "How imported signals begin [default: live]");

    private readonly Option<string?> _notes = new("--notes") { Description = "Anything worth knowing", HelpName = "TEXT" };

    public static BankSettingOptions AddTo(Command verb)
    {
        var options = new BankSettingOptions();
        verb.Add(options._owner);
        verb.Add(options._source);
        verb.Add(options._maxDistance);
        verb.Add(options._minQuality);
        verb.Add(options._allowedAction);
        verb.Add(options._enabledRatio);
        verb.Add(options._newSignals);
        verb.Add(options._notes);
        return options;
    }

    public BankSettings Read(ParseResult parsed) => new()
    {
        Owner = parsed.GetValue(_owner),
        Source = parsed.GetValue(_source),
        MaxDistanceBits = parsed.GetValue(_maxDistance),
        MinQuality = parsed.GetValue(_minQuality),
        AllowedAction = parsed.GetValue(_allowedAction),
        EnabledRatio = parsed.GetValue(_enabledRatio),
        NewSignals = parsed.GetValue(_newSignals),
        Notes = parsed.GetValue(_notes),
    };
}
