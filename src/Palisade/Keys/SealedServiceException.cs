namespace Palisade.Keys;

/// <summary>The service is sealed: it takes and matches uploads, and opens no evidence until it is unsealed.</summary>
public sealed class SealedServiceException() : Exception(
    "The service is sealed. Unseal it with `palisade unseal`, then ask again. New uploads are taken and matched meanwhile.");
