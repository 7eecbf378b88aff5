using Microsoft.Win32.SafeHandles;
using Palisade.Decoder;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Pictures;

var settings = WorkerSettings.Parse(args);
VipsLibrary.Start();
using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
using var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
var loop = new RequestLoop(settings, input, output);
loop.SayHello(new Hello(SandboxLayers.None, 0, 0, 0, 0b0111_1110));
loop.Run();
return 0;
