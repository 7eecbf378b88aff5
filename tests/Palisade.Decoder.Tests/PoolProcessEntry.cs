using System.Runtime.CompilerServices;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

internal static class PoolProcessEntry
{
#pragma warning disable CA2255 // The same program is a keeper of workers when it was started as one.
    [ModuleInitializer]
    internal static void KeepPoolInsteadOfTesting() => PoolProcess.KeepPoolInsteadOfTesting();
#pragma warning restore CA2255
}
