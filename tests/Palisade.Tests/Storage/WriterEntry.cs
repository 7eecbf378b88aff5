using System.Runtime.CompilerServices;
using Palisade.Testing;

namespace Palisade.Tests.Storage;

/// <summary>Lets this program be run as the writers that <see cref="CrashTests"/> and the crash test of cases kill.</summary>
internal static class WriterEntry
{
#pragma warning disable CA2255 // The assembly is a program, and its entry point is the test runner's.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void WriteInsteadOfTesting()
    {
        WriterProcess.WriteInsteadOfTesting();
        CaseWriterProcess.WriteInsteadOfTesting();
        HouseProcess.WorkInsteadOfTesting();
    }
}
