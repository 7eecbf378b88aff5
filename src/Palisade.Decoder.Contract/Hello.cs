using System.Buffers.Binary;

namespace Palisade.Decoder.Contract;

/// <summary>The layers that confine a worker.</summary>
[Flags]
public enum SandboxLayers
{
    None = 0,

    /// <summary>Namespaces of its own: no network, no other process, a file system of read-only libraries.</summary>
    Bubblewrap = 1,

    /// <summary>The kernel refuses every path but the libraries', every TCP port, every signal to others.</summary>
    Landlock = 2,

    /// <summary>The kernel refuses every system call that decoding does not need.</summary>
    Seccomp = 4,

    /// <summary>Bounds on memory, processor time, files and privileges. They bound cost; they confine nothing.</summary>
    Rlimits = 8,

    All = Bubblewrap | Landlock | Seccomp | Rlimits,
}

/// <summary>
/// What a worker says when it is up, before it has seen an untrusted byte: which layers it found in force around itself
/// (1 byte), the system's error number for Landlock, seccomp and limits where they are not (4 each), a bit for every
/// <see cref="PictureForm"/> it can decode (4), and whether it reads JPEG with the system's libjpeg-turbo (1).
/// </summary>
public sealed record Hello(
    SandboxLayers Layers, int LandlockError, int SeccompError, int RlimitsError, int Forms, bool UsesTurboJpeg = false)
{
    public const int Bytes = 18;

    public bool CanDecode(PictureForm form) => (Forms >> (int)form & 1) != 0;

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        bytes[0] = (byte)Layers;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), LandlockError);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), SeccompError);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), RlimitsError);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(13), Forms);
        bytes[17] = UsesTurboJpeg ? (byte)1 : (byte)0;
        return bytes;
    }

    public static Hello? TryRead(ReadOnlySpan<byte> bytes) =>
        bytes.Length != Bytes || (bytes[0] & ~(int)SandboxLayers.All) != 0 || bytes[17] > 1
            ? null
            : new Hello(
                (SandboxLayers)bytes[0],
                BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[5..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[9..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[13..]),
                bytes[17] == 1);
}
