using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads the object that the reader stands on.</summary>
internal delegate void ReadObject(ref Utf8JsonReader reader);

/// <summary>What JSON bodies of all protocols have alike.</summary>
internal static class JsonBody
{
    /// <summary>Levels of nesting that are read. Tensors have less than ten dimensions.</summary>
    private const int MaxDepth = 64;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a body that is one JSON object and nothing else.</summary>
    /// <exception cref="InferenceException">It is not.</exception>
    public static void Read(ReadOnlySpan<byte> body, ReadObject read)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            RequireObject(ref reader, "The body");
            read(ref reader);
            while (reader.Read())
            {
                // Only white space may follow; the reader throws at anything else.
            }
        }
        catch (JsonException exception)
        {
            throw InferenceException.Client($"The body is not valid JSON: {exception.Message}");
        }
        catch (InvalidOperationException)
        {
            // The reader finds half of a surrogate pair, or bytes that are no UTF-8, only when a name or a string is looked at.
            throw InferenceException.Client("The body holds a name or a string that is not valid Unicode text.");
        }
    }

    /// <summary>The body without the mark that some editors put before it.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith(ByteOrderMark) ? body[ByteOrderMark.Length..] : body;

    /// <summary>Reads the string the reader stands on.</summary>
    /// <exception cref="InferenceException">It is no string, or its escapes or bytes make no text.</exception>
    public static string ReadString(ref Utf8JsonReader reader, string what)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw InferenceException.Client($"{what} must be a string.");
        }

        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, or half of a surrogate pair.
            throw InferenceException.Client($"{what} is not valid Unicode text.");
        }
    }

    /// <summary>Reads the name of a property that the reader stands on.</summary>
    /// <exception cref="InferenceException">Its escapes or bytes make no text.</exception>
    public static string ReadName(ref Utf8JsonReader reader, string what)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw InferenceException.Client($"{what} has a key that is not valid Unicode text.");
        }
    }

    /// <summary>Requires that the reader stands on an object's start.</summary>
    public static void RequireObject(ref Utf8JsonReader reader, string what) => Require(ref reader, JsonTokenType.StartObject, $"{what} must be an object.");

    /// <summary>Requires that the reader stands on an array's start.</summary>
    public static void RequireArray(ref Utf8JsonReader reader, string what) => Require(ref reader, JsonTokenType.StartArray, $"{what} must be a list.");

    /// <summary>Notes that a field came; refuses it when it came before.</summary>
    public static void Once(ref bool seen, string what)
    {
        if (seen)
        {
            throw InferenceException.Client($"{what} is there twice.");
        }

        seen = true;
    }

    /// <summary>Refuses bodies that are not in UTF-8. Returns the content type; null for none that can be read.</summary>
    public static MediaTypeHeaderValue? CheckCharset(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return null;
        }

        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        return charset.Length == 0 || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? type
            : throw Unsupported($"The charset {Words.Quoted(charset.ToString())} is not supported: send UTF-8.");
    }

    /// <summary>Refuses a body whose headers say that it is in a form that is not read.</summary>
    public static InferenceException Unsupported(string message) => InferenceException.Client(message, StatusCodes.Status415UnsupportedMediaType);

    private static void Require(ref Utf8JsonReader reader, JsonTokenType type, string message)
    {
        if (reader.TokenType != type)
        {
            throw InferenceException.Client(message);
        }
    }
}
