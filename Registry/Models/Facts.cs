using System.Text.Json;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>Limits of what a person tells about a model or version.</summary>
internal static class FactRules
{
    public const int LongestDescription = 10_000;
    public const int MostPairs = 1000;
    public const int LongestKey = 250;
    public const int LongestTag = 8000;

    /// <summary>What is wrong with a description.</summary>
    public static FieldProblem? FindProblem(string? description) => FieldProblem.Unless(
        description is null or { Length: <= LongestDescription }, "description", $"a text of at most {LongestDescription} characters is expected");

    /// <summary>What is wrong with values by key.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="pairs">The values.</param>
    /// <param name="isRight">Whether a value is as expected.</param>
    /// <param name="expectation">What is expected of a value.</param>
    public static FieldProblem? FindProblem<T>(string field, IReadOnlyDictionary<string, T> pairs, Func<T, bool> isRight, string expectation) =>
        FieldProblem.Unless(pairs.Count <= MostPairs, field, $"at most {MostPairs} are allowed")
        ?? FieldProblem.Unless(
            pairs.Keys.All(key => key.Length is > 0 and <= LongestKey), field, $"keys of 1 to {LongestKey} characters are expected")
        ?? pairs.Where(pair => !isRight(pair.Value)).Select(pair => new FieldProblem($"{field}.{pair.Key}", expectation)).FirstOrDefault();

    /// <summary>What is wrong with tags.</summary>
    public static FieldProblem? FindTagProblem(IReadOnlyDictionary<string, string> tags) => FindProblem(
        "tags", tags, value => value is { Length: <= LongestTag }, $"a text of at most {LongestTag} characters is expected");
}

/// <summary>
/// A change of description and tags, as a JSON merge patch (RFC 7396): what is not named stays, null takes away, tags are merged key by key.
/// </summary>
internal sealed class FactPatch
{
    /// <summary>The form in words, for errors.</summary>
    public const string Form = """{"description": text or null, "tags": {key: text or null}}, each optional""";

    private readonly bool _setsDescription;
    private readonly string? _description;
    private readonly bool _clearsTags;
    private readonly Dictionary<string, string?> _tags = new(StringComparer.Ordinal);

    private FactPatch(JsonElement patch)
    {
        Told = patch;
        foreach (var field in patch.EnumerateObject())
        {
            switch (field.Name)
            {
                case "description":
                    _setsDescription = true;
                    _description = TextOrNull(field.Value, "description");
                    break;
                case "tags":
                    _clearsTags = field.Value.ValueKind == JsonValueKind.Null;
                    ReadTags(field.Value);
                    break;
                default:
                    throw new BadHttpRequestException($"{field.Name}: cannot be changed; expected {Form}.");
            }
        }
    }

    /// <summary>Changes nothing.</summary>
    public static FactPatch None { get; } = new(JsonElement.Parse("{}"));

    /// <summary>The change as it was told, for the audit log.</summary>
    public JsonElement Told { get; }

    /// <summary>Reads the body of a request; none changes nothing.</summary>
    /// <exception cref="BadHttpRequestException">400, 415: it is not of its form; the message names the field.</exception>
    public static async Task<FactPatch> ReadAsync(HttpRequest request, CancellationToken cancellationToken) => Of(
        request.ContentLength == 0 && request.ContentType is null
            ? None.Told
            : await JsonBody.ReadAsync(request, ModelRequestsJson.Default.JsonElement, Form, cancellationToken));

    /// <summary>Reads one.</summary>
    /// <exception cref="BadHttpRequestException">400: it is not of its form; the message names the field.</exception>
    public static FactPatch Of(JsonElement patch)
    {
        try
        {
            return patch.ValueKind == JsonValueKind.Object
                ? new FactPatch(patch)
                : throw new BadHttpRequestException($"The body is no object; expected {Form}.");
        }
        catch (InvalidOperationException exception)
        {
            // JSON can write half of a surrogate pair ("\ud800"), which is no text; the element says so only when it is read.
            throw new BadHttpRequestException($"The body has a text that is not Unicode: {exception.Message}", exception);
        }
    }

    /// <summary>Description and tags after the change.</summary>
    /// <exception cref="BadHttpRequestException">400: they break a limit.</exception>
    public (string? Description, IReadOnlyDictionary<string, string> Tags) Apply(string? description, IReadOnlyDictionary<string, string> tags)
    {
        var changed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags.Where(_ => !_clearsTags))
        {
            changed[key] = value;
        }

        foreach (var (key, value) in _tags)
        {
            if (value is null)
            {
                changed.Remove(key);
            }
            else
            {
                changed[key] = value;
            }
        }

        var result = _setsDescription ? _description : description;
        return (FactRules.FindProblem(result) ?? FactRules.FindTagProblem(changed)) is { } problem
            ? throw new BadHttpRequestException($"{problem.Field}: {problem.Expectation}.")
            : (result, changed);
    }

    /// <summary>Whether it would change these.</summary>
    public bool Changes(string? description, IReadOnlyDictionary<string, string> tags)
    {
        var (changed, changedTags) = Apply(description, tags);
        return changed != description || changedTags.Count != tags.Count
            || changedTags.Any(tag => !tags.TryGetValue(tag.Key, out var value) || value != tag.Value);
    }

    private void ReadTags(JsonElement tags)
    {
        if (tags.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (tags.ValueKind != JsonValueKind.Object)
        {
            throw new BadHttpRequestException("tags: an object of texts by key is expected.");
        }

        foreach (var tag in tags.EnumerateObject())
        {
            _tags[tag.Name] = TextOrNull(tag.Value, $"tags.{tag.Name}");
        }
    }

    private static string? TextOrNull(JsonElement value, string field) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => throw new BadHttpRequestException($"{field}: a text, or null, is expected."),
    };
}
