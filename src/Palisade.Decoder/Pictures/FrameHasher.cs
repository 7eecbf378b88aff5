using Palisade.Decoder.Contract;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>Both PDQ profiles of a frame from one pass over its rows.</summary>
internal sealed class FrameHasher
{
    /// <summary>Up to this side the two profiles see the same pixels.</summary>
    private const int Nn512Side = 512;

    private readonly PdqHasher _full = new();
    private readonly PdqHasher _nn512 = new();
    private bool _differs;

    public void Begin(int width, int height)
    {
        _differs = width > Nn512Side || height > Nn512Side;
        _full.Begin(width, height, PdqProfile.Full);
        if (_differs)
        {
            _nn512.Begin(width, height, PdqProfile.Nn512);
        }
    }

    public void AddRgbRows(ReadOnlySpan<byte> rgb)
    {
        _full.AddRgbRows(rgb);
        if (_differs)
        {
            _nn512.AddRgbRows(rgb);
        }
    }

    public void AddLumaRows(ReadOnlySpan<byte> luma)
    {
        _full.AddLumaRows(luma);
        if (_differs)
        {
            _nn512.AddLumaRows(luma);
        }
    }

    public DecodedFrame Finish(int index)
    {
        var full = _full.Finish();
        return new DecodedFrame(index, full, _differs ? _nn512.Finish() : full);
    }
}
