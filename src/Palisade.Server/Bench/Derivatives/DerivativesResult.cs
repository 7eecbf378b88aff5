namespace Palisade.Server.Bench.Derivatives;

/// <summary>Of one family: how many pictures, and which share of them was found with so many points.</summary>
public sealed record FamilyRecall(int Pictures, double Recall6, double Recall8, double Recall10, double PdqRecall);

/// <summary>A match with a picture that the query was not made from.</summary>
public sealed record WrongMatch(string Query, string Enrolled, int Score, bool IsSameScene);

/// <summary>What a look-up among many synthetic pictures costs, in milliseconds of one processor.</summary>
/// <param name="BuildSeconds">On all processors, from codes in memory to an index that answers.</param>
/// <param name="MemoryMiB">Of the whole process while it searches.</param>
public sealed record LookUpCost(
    int Pictures, int Points, double BuildSeconds, long MemoryMiB, int Queries, double MeanMs, double P95Ms, double MaxMs);

/// <summary>What <c>palisade bench derivatives</c> measured.</summary>
/// <param name="EnrolMs">Processor time of a worker for each picture, decoding and the map included.</param>
/// <param name="QueryMs">The same for what is looked up.</param>
/// <param name="MeanIoU">Of the altered map and the true mask, over found pictures with masks of 15 % and more.</param>
public sealed record DerivativesResult(
    int Points, int Enrolled, int EnrolledByPdqOnly, int Queries, double Recall6, double Recall8, double Recall10, double PdqRecall,
    int WrongAt6, int WrongAt8, int WrongAt10, double MeanIoU, int Masks, double PointBytes, int MapBytes, double EnrolMs,
    double QueryMs, double SearchMs, IReadOnlyDictionary<string, FamilyRecall> Families, IReadOnlyList<WrongMatch> Wrong,
    LookUpCost? LookUp);
