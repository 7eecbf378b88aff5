using System.Runtime.CompilerServices;
using Palisade.Testing;

namespace Palisade.Tests.Evidence;

/// <summary>Lets this program be run as the process that <see cref="VaultCrashTests"/> kills and traces.</summary>
internal static class VaultEntry
{
#pragma warning disable CA2255 // The assembly is a program, and its entry point is the test runner's.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void ActInsteadOfTesting() => VaultProcess.ActInsteadOfTesting();
}
