namespace Palisade.Banks.Importing;

/// <summary>
/// Cuts a file into lines without holding more than one buffer of it: \n or \r\n, a byte-order mark dropped, a line over
/// 64 KiB skipped and told.
/// </summary>
internal sealed class LineReader(Stream stream)
{
    /// <summary>Longest line in bytes, without its end.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly byte[] _buffer = new byte[4 * LongestLine];
    private int _start;
    private int _end;
    private bool _isAtEnd;

    /// <summary>Number of the last line read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Where the next line begins, in bytes from the start of the file.</summary>
    public long Position { get; private set; }

    /// <summary>The last line was longer than <see cref="LongestLine"/>; what was given of it means nothing.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Goes on behind a line that was read before.</summary>
    public void Seek(long position, long lineNumber)
    {
        stream.Seek(position, SeekOrigin.Begin);
        (Position, LineNumber, _start, _end, _isAtEnd) = (position, lineNumber, 0, 0, false);
    }

    /// <summary>Reads the next line; the bytes are good until the next call. False at the end of the file.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        line = default;
        IsTooLong = false;
        while (true)
        {
            var ahead = _buffer.AsSpan(_start.._end);
            var end = ahead.IndexOf((byte)'\n');
            if (end >= 0)
            {
                Take(end + 1);
                line = WithoutMarks(ahead[..end]);
                IsTooLong |= line.Length > LongestLine;
                return true;
            }

            if (_isAtEnd)
            {
                if (ahead.IsEmpty && !IsTooLong)
                {
                    return false;
                }

                Take(ahead.Length);
                line = WithoutMarks(ahead);
                IsTooLong |= line.Length > LongestLine;
                return true;
            }

            if (ahead.Length > LongestLine + 2)
            {
                // Its end is not in sight: let go of what came so far and look for the end only.
                IsTooLong = true;
                Position += ahead.Length;
                _start = _end = 0;
            }

            Fill();
        }
    }

    private void Take(int bytes)
    {
        _start += bytes;
        Position += bytes;
        LineNumber++;
    }

    private void Fill()
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _isAtEnd = read == 0;
    }

    private ReadOnlySpan<byte> WithoutMarks(ReadOnlySpan<byte> line)
    {
        if (LineNumber == 1 && line.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
