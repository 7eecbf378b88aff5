using Palisade.Decoder.Contract;
using Palisade.Decoder.Pictures;
using Palisade.Decoder.Provenance;
using Palisade.Decoder.Regions;

namespace Palisade.Decoder;

/// <summary>Reads requests and writes answers, one at a time and in order, until the pipe ends.</summary>
internal sealed class RequestLoop(WorkerSettings settings, Stream input, Stream output)
{
    private readonly PictureDecoder _decoder = new(settings);
    private readonly Lazy<RegionReader> _regions = new(() => new RegionReader(settings));
    private readonly byte[] _header = new byte[MessageHeader.Size];

    public bool UsesTurboJpeg => _decoder.UsesTurboJpeg;

    /// <summary>Decodes one picture of our own, so that the first upload does not pay for compiling the code.</summary>
    public void WarmUp()
    {
        const int side = 640;
        var request = new byte[EncodeRequest.HeaderBytes + (side * side * 3)];
        new EncodeRequest(PictureForm.Jpeg, 75, side, side).WriteTo(request);
        for (var i = EncodeRequest.HeaderBytes; i < request.Length; i++)
        {
            request[i] = (byte)((i * 7) ^ (i >> 9));
        }

        _decoder.Decode(PictureEncoder.Encode(request).Body, DecodeWish.Both);
    }

    public void SayHello(Hello hello) => Write(requestId: 0, new Answer(MessageKind.Hello, hello.ToBytes()));

    public void Run()
    {
        while (TryReadHeader(out var header))
        {
            var answer = header.Kind switch
            {
                MessageKind.Decode => Decode(header),
                MessageKind.Regions => _regions.Value.Read(ReadBody(header.BodyLength)),
                MessageKind.Provenance => ProvenanceReader.Read(ReadBody(header.BodyLength), settings),
                MessageKind.Encode => PictureEncoder.Encode(ReadBody(header.BodyLength)),
                _ => throw new InvalidDataException("The parent asked for something unknown."),
            };
            Write(header.RequestId, answer);
        }
    }

    private Answer Decode(in MessageHeader header)
    {
        var asked = ReadBody(Math.Min(header.BodyLength, DecodeRequest.HeaderBytes));
        return asked.Length == DecodeRequest.HeaderBytes && DecodeRequest.TryRead(asked[0]) is { } wish
            ? _decoder.Decode(ReadBody(header.BodyLength - asked.Length), wish)
            : throw new InvalidDataException("The parent speaks another protocol.");
    }

    private bool TryReadHeader(out MessageHeader header)
    {
        header = default;
        if (input.ReadAtLeast(_header, _header.Length, throwOnEndOfStream: false) < _header.Length)
        {
            return false;
        }

        if (!MessageHeader.TryRead(_header, settings.MaxRequestBytes, out header))
        {
            throw new InvalidDataException("The parent speaks another protocol.");
        }

        return true;
    }

    private byte[] ReadBody(int length)
    {
        var body = GC.AllocateUninitializedArray<byte>(length);
        input.ReadExactly(body);
        return body;
    }

    private void Write(ulong requestId, Answer answer)
    {
        // One write for header and body, so that a small answer wakes the parent once.
        var message = GC.AllocateUninitializedArray<byte>(MessageHeader.Size + answer.Body.Length);
        new MessageHeader(answer.Kind, requestId, answer.Body.Length).WriteTo(message);
        answer.Body.CopyTo(message, MessageHeader.Size);
        output.Write(message);
    }
}
