using System.CommandLine;
using System.Net;
using Palisade.Server.FakeAuthority;
using ListenOptions = Palisade.Server.Options.ListenOptions;

namespace Palisade.Server.Cli;

/// <summary><c>palisade fake-authority</c>: a rehearsal of the CyberTipline on this machine.</summary>
internal static class FakeAuthorityVerb
{
    public static Command Create(Terminal terminal)
    {
        var url = new Option<string>("--url")
        {
            Description = "Where it answers, http on an address in numbers",
            DefaultValueFactory = _ => "http://127.0.0.1:8095",
            HelpName = "URL",
        };
        var beyond = new Option<bool>("--beyond-this-machine") { Description = "Allow an address that other machines reach" };
        var folder = new Option<string?>("--data")
        {
            Description = "Keeps the received reports over a restart [default: in memory]",
            HelpName = "FOLDER",
        };
        var speed = new Option<double>("--clock-speed")
        {
            Description = "How many of its hours pass in one: at 3600 an unfinished report expires after 24 seconds",
            DefaultValueFactory = _ => 1,
            HelpName = "TIMES",
        };
        var faults = new Option<string[]>("--fail")
        {
            Description = $"Fail on purpose. {FakeFault.Form}",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "FAULT",
        };
        var verb = new Verb(
            "fake-authority",
            "Rehearse reporting: a server on this machine that speaks NCMEC's protocol, checks what it is sent, and reports nothing to anybody.",
            "palisade fake-authority",
            "palisade fake-authority --data rehearsal --fail upload:after:500*2 finish:before:break --clock-speed 3600")
        {
            url, beyond, folder, speed, faults,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var address = parsed.GetRequiredValue(url);
            if (ListenOptions.EndPoint(address) is not { } endPoint || ListenOptions.IsHttps(address))
            {
                terminal.Complain("--url is http:// with an address in numbers and a port, such as http://127.0.0.1:8095.");
                return ExitCode.Error;
            }

            if (!IPAddress.IsLoopback(endPoint.Address) && !parsed.GetValue(beyond))
            {
                terminal.Complain("Other machines would reach this address, and a rehearsal guards nothing. Add --beyond-this-machine if that is meant.");
                return ExitCode.Error;
            }

            if (parsed.GetValue(speed) is not (> 0 and <= 1_000_000))
            {
                terminal.Complain("--clock-speed is above 0 and at most 1000000.");
                return ExitCode.Error;
            }

            var known = new List<FakeFault>();
            foreach (var text in parsed.GetValue(faults) ?? [])
            {
                if (!FakeFault.TryParse(text, out var fault))
                {
                    terminal.Complain($"'{text}' is no fault. {FakeFault.Form}");
                    return ExitCode.Error;
                }

                known.Add(fault);
            }

            return await RunAsync(
                new FakeAuthorityOptions
                {
                    Url = $"http://{endPoint}",
                    Folder = parsed.GetValue(folder) is { } named ? Path.GetFullPath(named) : null,
                    ClockSpeed = parsed.GetValue(speed),
                    Faults = known,
                    Say = line => Say(terminal, line),
                },
                terminal,
                cancellationToken);
        });
        return verb;
    }

    /// <summary>Requests come at the same time; their lines do not.</summary>
    private static void Say(Terminal terminal, string line)
    {
        lock (terminal)
        {
            terminal.Out.WriteLine(Terminal.Escaped(line));
            terminal.Out.Flush();
        }
    }

    private static async Task<int> RunAsync(FakeAuthorityOptions options, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var fake = await FakeCyberTipline.StartAsync(options, cancellationToken);
        terminal.Out.WriteLine("REHEARSAL: this is no authority, and nothing that it receives reaches one.");
        terminal.Out.WriteLine($"  address      {fake.Address}");
        terminal.Out.WriteLine($"  credentials  {options.UserName} / {options.Password}");
        terminal.Out.WriteLine($"  received     curl -u {options.UserName}:{options.Password} {new Uri(fake.Address, "/rehearsal/reports")}");
        terminal.Out.WriteLine($"  next fault   curl -u {options.UserName}:{options.Password} -d finish:after:500 {new Uri(fake.Address, "/rehearsal/faults")}");
        terminal.Out.WriteLine("  stop         Ctrl-C");
        terminal.Out.Flush();
        await fake.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Ok;
    }
}
