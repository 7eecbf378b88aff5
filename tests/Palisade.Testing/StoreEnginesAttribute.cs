using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Palisade.Testing;

/// <summary>The engines that every store test runs on.</summary>
public enum TestEngine
{
    Sqlite,
    Postgres,
}

/// <summary>Gives a theory's only argument, <see cref="TestEngine"/>, each of its values.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StoreEnginesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<TestEngine>().Select(engine => new TheoryDataRow(engine))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
