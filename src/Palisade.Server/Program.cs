using Palisade.Server.Cli;

return await PalisadeCommand.RunAsync(args, Terminal.OfThisProcess());
