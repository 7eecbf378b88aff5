using Microsoft.Win32.SafeHandles;
using Palisade.Decoder;
using Palisade.Decoder.Confinement;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Pictures;

const string forbiddenActs = "--forbidden-acts=";
var marker = args.FirstOrDefault(argument => argument.StartsWith(Sandbox.Marker, StringComparison.Ordinal));
var acts = args.FirstOrDefault(argument => argument.StartsWith(forbiddenActs, StringComparison.Ordinal));
var settings = WorkerSettings.Parse(args.Where(argument => argument != marker && argument != acts));
if (marker is null)
{
    Sandbox.ConfineAndReexecute(settings, args);
    await Console.Error.WriteLineAsync("palisade-decoder could not start itself again inside its sandbox.");
    return 1;
}

var hello = Sandbox.Complete(settings, marker, VipsLibrary.Forms);
if (acts is not null)
{
    return await ForbiddenActs.TryAllAsync(acts[forbiddenActs.Length..]);
}

VipsLibrary.Start();
using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
using var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
var loop = new RequestLoop(settings, input, output);
loop.WarmUp();
loop.SayHello(hello with { UsesTurboJpeg = loop.UsesTurboJpeg });
loop.Run();
return 0;
