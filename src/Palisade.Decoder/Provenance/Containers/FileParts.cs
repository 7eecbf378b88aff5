namespace Palisade.Decoder.Provenance.Containers;

/// <summary>A key and its text, as a container or EXIF holds them.</summary>
/// <param name="Place"><c>png-text</c> or <c>exif</c>.</param>
internal sealed record TextPart(string Place, string Key, string Text);

/// <summary>A top-level box of an ISO base media file.</summary>
internal readonly record struct FileBox(string Type, int Start, int HeaderBytes, int Length);

/// <summary>What a walk through a container found. Positions are in the file.</summary>
internal sealed class FileParts
{
    /// <summary>Most parts of one file that are looked at.</summary>
    public const int MaxParts = 4096;

    /// <summary>Most bytes of one C2PA store.</summary>
    public const int MaxStoreBytes = 50 << 20;

    /// <summary>Most bytes of one XMP packet.</summary>
    public const int MaxXmpBytes = 1 << 20;

    /// <summary>Most characters of all texts together.</summary>
    private const int MaxTextChars = 16 << 20;

    private int _textChars;

    /// <summary>The C2PA store, without what the container wraps around it.</summary>
    public ReadOnlyMemory<byte> Store { get; private set; }

    public int StoreCount { get; private set; }

    /// <summary>Where the store and its wrapping begin and how long they are.</summary>
    public (int Start, int Length) StorePlace { get; private set; }

    public ReadOnlyMemory<byte> Xmp { get; set; }

    /// <summary>The EXIF block from its TIFF header on.</summary>
    public ReadOnlyMemory<byte> Exif { get; set; }

    public List<TextPart> Texts { get; } = [];

    public List<FileBox> Boxes { get; } = [];

    public List<string> Malformed { get; } = [];

    public void AddStore(ReadOnlyMemory<byte> store, int start, int length)
    {
        StoreCount++;
        if (StoreCount == 1 && store.Length <= MaxStoreBytes)
        {
            Store = store;
            StorePlace = (start, length);
        }
    }

    public void AddText(string place, string key, string text)
    {
        _textChars += text.Length;
        if (Texts.Count < MaxParts && _textChars <= MaxTextChars)
        {
            Texts.Add(new TextPart(place, key, text));
        }
    }

    public void Report(string fault)
    {
        if (Malformed.Count < 16)
        {
            Malformed.Add(fault);
        }
    }
}
