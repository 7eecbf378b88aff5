using System.CommandLine;
using System.Globalization;
using Palisade.Banks;
using Palisade.Banks.Importing;

namespace Palisade.Server.Cli.Banks;

/// <summary><c>palisade bank export</c>: a bank as a list, for another tool or another installation.</summary>
internal static class BankExportVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank" };
        var plain = Words.Option<SignalType>("--plain", "Only the live hashes of one type, one a line");
        var output = new Option<string?>("--output") { Description = "Write to this file, which must not exist [default: standard output]", HelpName = "FILE" };
        var verb = new Verb(
            "export",
            "Write a bank as a list: NDJSON with all that is known of each signal, or plain hashes. The values are secret: lists are lent.",
            "palisade bank export hotline-list --output list.ndjson",
            "palisade bank export hotline-list --plain md5 > md5.txt") { name, plain, output };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var export = new BankExport(records.Store, records.BankKey, records.Clock);
            using var meter = new ImportMeter(terminal);
            await using var stream = parsed.GetValue(output) is { } path ? CreatePrivately(path) : Console.OpenStandardOutput();
            var lines = parsed.GetValue(plain) is { } type
                ? await export.WritePlainAsync(bank.Id, type, stream, meter, cancellationToken)
                : await export.WriteInterchangeAsync(bank.Id, stream, meter, cancellationToken);
            meter.Dispose();
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lines:#,0} lines written."));
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>A file that only its owner may read.</summary>
    private static FileStream CreatePrivately(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
