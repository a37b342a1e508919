using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace Sluice.Registry.Http;

/// <summary>Reads JSON so that every mistake is answered with the field and what was expected.</summary>
internal static class JsonBody
{
    /// <summary>Reads the body of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="type">The type of the value; nulls where it allows none are mistakes.</param>
    /// <param name="expected">The form of the body in words, for the answer to one that is not of it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">415 or 400; the message is the answer's detail.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, string expected, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var media)
            || !(media.MatchesMediaType("application/json") || media.MatchesMediaType("application/merge-patch+json")))
        {
            throw new BadHttpRequestException(
                $"Content-Type: '{request.ContentType}' is not supported; application/json is expected.", StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return Parse(body.GetBuffer().AsMemory(0, (int)body.Length), type, "The body", expected);
    }

    /// <summary>Reads a JSON text.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="type">The type of the value.</param>
    /// <param name="what">What the text is, to begin a sentence.</param>
    /// <param name="expected">Its form in words.</param>
    /// <exception cref="BadHttpRequestException">400; the message names the field or the place.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type, string what, string expected)
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type) ?? throw new BadHttpRequestException($"{what} is null; expected {expected}.");
        }
        catch (JsonException exception)
        {
            var problem = exception.Path is { Length: > 1 } path ? $"{path.TrimStart('$', '.')}: not as expected"
                : FindMissing(json, type) is { } missing ? $"{missing}: missing"
                : $"{what} is not of the form expected, from line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} on";
            throw new BadHttpRequestException($"{problem}; expected {expected}.", exception);
        }
    }

    // The serializer tells of a missing property only in the words of its message.
    private static string? FindMissing(ReadOnlyMemory<byte> json, JsonTypeInfo type)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? type.Properties.FirstOrDefault(property => property.IsRequired && !document.RootElement.TryGetProperty(property.Name, out _))?.Name
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
