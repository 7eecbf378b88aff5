namespace Palisade.Keys;

/// <summary>There is no sealing key yet, so no evidence can be kept.</summary>
public sealed class NoSealingKeyException() : Exception(
    "There is no sealing key yet, so no evidence is kept. Make one with `palisade key init`; uploads are matched meanwhile.");
