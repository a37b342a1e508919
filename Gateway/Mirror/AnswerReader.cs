using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Gateway.Mirror;

/// <summary>An answer in its parts. Pure. To be disposed of: parts lie in it.</summary>
internal sealed class AnswerReader : IDisposable
{
    /// <summary>The most parts that are looked at.</summary>
    public const int MostParts = 100_000;

    private readonly JsonDocument _document;
    private readonly Dictionary<string, AnswerTensor> _parts = new(StringComparer.Ordinal);

    private AnswerReader(JsonDocument document) => _document = document;

    /// <summary>The parts by name.</summary>
    public IReadOnlyDictionary<string, AnswerTensor> Parts => _parts;

    /// <summary>Reads an answer.</summary>
    /// <param name="body">Its body.</param>
    /// <param name="protocol">The protocol it is in.</param>
    /// <param name="signature">The model's, which tells floating outputs from others where the protocol does not.</param>
    /// <exception cref="InvalidDataException">It is no answer of that protocol; the message says why, without anything of its content.</exception>
    public static AnswerReader Read(in AnswerBody body, InferenceProtocol protocol, ModelSignature signature)
    {
        var bytes = body.Decode();
        var length = HeaderLength(body, bytes.Length);
        AnswerReader? reader = null;
        try
        {
            reader = new AnswerReader(JsonDocument.Parse(bytes[..length]));
            var root = reader._document.RootElement;
            if (protocol == InferenceProtocol.V2)
            {
                V2Answer.Read(root, bytes[length..], reader.Add);
            }
            else
            {
                new JsonAnswerTree(signature, reader.Add).Read(root);
            }

            return reader;
        }
        catch (JsonException)
        {
            reader?.Dispose();
            throw new InvalidDataException("it is no JSON");
        }
        catch
        {
            reader?.Dispose();
            throw;
        }
    }

    public void Dispose() => _document.Dispose();

    private static int HeaderLength(in AnswerBody body, int whole)
    {
        if (string.IsNullOrEmpty(body.HeaderLength))
        {
            return whole;
        }

        return int.TryParse(body.HeaderLength, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= whole
            ? length
            : throw new InvalidDataException("its header is longer than the answer");
    }

    private void Add(AnswerTensor part)
    {
        if (_parts.Count == MostParts)
        {
            throw new InvalidDataException($"it has more than {MostParts} parts");
        }

        if (!_parts.TryAdd(part.Name, part))
        {
            throw new InvalidDataException("it has a part twice");
        }
    }
}
