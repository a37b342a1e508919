using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Models;

namespace Sluice.Registry.Apply;

/// <summary>Reads a <see cref="ModelsFile"/> of a document. A field that is not known is a mistake; every mistake is named by line and field.</summary>
internal static class ModelsFileReader
{
    private const string ModelFields = "description, tags, gates, versions, aliases, stable, stickiness";
    private const string StickinessForm = "an object of kind (none, header, cookie or key) and, for a header or cookie, name";

    /// <summary>Reads.</summary>
    /// <exception cref="BadHttpRequestException">400: something is not as expected.</exception>
    public static ModelsFile Read(DocumentNode document)
    {
        var root = Map(document, "models: with models by name");
        Only(root, "models");
        return new ModelsFile(
            root.Find("models") is { } models ? [.. Map(models, "models by name").Fields.Select(field => ReadModel(field.Name, field.Value))] : throw root.Wrong("models: is missing"));
    }

    private static ModelEntry ReadModel(string name, DocumentNode node)
    {
        if (!ModelName.IsValid(name))
        {
            throw node.Wrong($"'{name}' is not a model's name: {ModelName.Rule} are expected");
        }

        // "wine:" alone asks for nothing but that there is such a model.
        var model = node is DocumentScalar { IsNull: true } ? new DocumentMap(node.Line, node.Path, []) : Map(node, $"an object of {ModelFields}");
        Only(model, "description", "tags", "gates", "versions", "aliases", "stable", "stickiness");
        return new ModelEntry(name, node)
        {
            Facts = ReadFacts(model),
            Gates = model.Find("gates") is { } gates ? ReadGates(gates) : null,
            Versions = model.Find("versions") is { } versions ? [.. List(versions, "a list of versions").Items.Select(ReadVersion)] : [],
            Aliases = model.Find("aliases") is { } aliases ? [.. Map(aliases, "versions by alias").Fields.Select(field => ReadAlias(field.Name, field.Value))] : [],
            Stable = model.Find("stable") is { } stable ? ReadReference(stable) : null,
            Stickiness = model.Find("stickiness") is { } stickiness ? ReadStickiness(stickiness) : null,
        };
    }

    private static FactPatch ReadFacts(DocumentMap node)
    {
        var facts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (node.Find("description") is { } description)
        {
            facts["description"] = DocumentJson.Text(description);
        }

        if (node.Find("tags") is { } tags)
        {
            var pairs = Map(tags, "texts by key").Fields.ToDictionary(tag => tag.Name, tag => DocumentJson.Text(tag.Value), StringComparer.Ordinal);
            facts["tags"] = DocumentJson.Object(pairs);
        }

        return At(node, () =>
        {
            var patch = FactPatch.Of(DocumentJson.Object(facts));
            patch.Apply(null, new Dictionary<string, string>()); // the limits
            return patch;
        });
    }

    private static IReadOnlyList<Gate> ReadGates(DocumentNode node)
    {
        var list = List(node, GateRules.Form);
        foreach (var item in list.Items)
        {
            Only(Map(item, "a gate"), "metric", "min", "max", "maxDrop", "higherIsBetter");
        }

        return At(node, () =>
        {
            var gates = JsonSerializer.Deserialize(DocumentJson.Of(list), ModelRequestsJson.Default.IReadOnlyListGate)!;
            return GateRules.FindProblem("gates", gates) is { } problem ? throw new BadHttpRequestException($"{problem.Field}: {problem.Expectation}.") : gates;
        });
    }

    private static StickinessEntry ReadStickiness(DocumentNode node)
    {
        var map = Map(node, StickinessForm);
        Only(map, "kind", "name");
        var kind = map.Find("kind") is DocumentScalar { Text: var text } && Enum.TryParse<StickinessKind>(text, ignoreCase: true, out var known) && !char.IsAsciiDigit(text[0])
            ? known
            : throw (map.Find("kind") ?? map).Wrong("none, header, cookie or key is expected");
        var name = map.Find("name") is { } named ? DocumentJson.Text(named).GetString() : null;
        var stickiness = new Stickiness(kind, name);
        return stickiness.FindProblem() is var (member, expected) ? throw (map.Find(member) ?? map).Wrong(expected) : new StickinessEntry(node, stickiness);
    }

    private static VersionEntry ReadVersion(DocumentNode node)
    {
        if (node is not DocumentMap version)
        {
            return new VersionEntry(ReadReference(node), FactPatch.None, null);
        }

        Only(version, "version", "digest", "storageUri", "description", "tags", "labels", "metrics", "sourceRun", "golden", "settings", "signature");
        var reference = ReadNamedReference(version);
        var told = version.Fields.Where(field => field.Name is "labels" or "metrics" or "sourceRun" or "golden" or "settings" or "signature").ToList();
        if (told.Count > 0 && reference.StorageUri is null)
        {
            throw told[0].Value.Wrong("cannot be changed after registration; description and tags can");
        }

        var facts = ReadFacts(version);
        return new VersionEntry(reference, facts, reference.StorageUri is null ? null : ReadMetadata(version, facts));
    }

    private static VersionMetadata ReadMetadata(DocumentMap version, FactPatch facts)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in version.Fields)
        {
            switch (name)
            {
                case "labels": // texts, whatever they look like: [yes, no] or [0, 1]
                    fields[name] = DocumentJson.List(List(value, "a list of texts").Items.Select(DocumentJson.Text));
                    break;
                case "metrics" or "golden" or "settings" or "signature":
                    fields[name] = DocumentJson.Of(value);
                    break;
                case "sourceRun":
                    fields[name] = DocumentJson.Text(value);
                    break;
            }
        }

        return At(version, () =>
        {
            var (description, tags) = facts.Apply(null, new Dictionary<string, string>());
            var metadata = JsonSerializer.Deserialize(DocumentJson.Object(fields), ModelRequestsJson.Default.VersionMetadata)! with { Description = description, Tags = tags };
            return metadata.FindProblem() is { } problem ? throw new BadHttpRequestException($"{problem.Field}: {problem.Expectation}.") : metadata;
        });
    }

    private static VersionReference ReadNamedReference(DocumentMap version)
    {
        var uri = version.Find("storageUri") is { } storageUri ? ReadReference(storageUri) : null;
        var digest = version.Find("digest") is { } given ? ReadReference(given) : null;
        var number = version.Find("version") is { } named ? ReadReference(named) : null;
        if ((uri is not null && uri.StorageUri is null) || (digest is not null && digest.Digest is null) || (number is not null && number.Number is null))
        {
            throw version.Wrong("version is a number, digest is sha256: and 64 hex digits, storageUri has a scheme (s3://…)");
        }

        return (number, digest, uri) switch
        {
            ({ } one, null, null) => one,
            (null, _, { } one) => one with { Digest = digest?.Digest },
            (null, { } one, null) => one,
            _ => throw version.Wrong("one of version, digest, storageUri (with or without digest) is expected"),
        };
    }

    private static (string Alias, VersionReference? Version) ReadAlias(string alias, DocumentNode node) => !AliasName.IsValid(alias)
        ? throw node.Wrong($"'{alias}' is no alias: {AliasName.Rule} are expected")
        : (alias, node is DocumentScalar { IsNull: true } ? null : ReadReference(node));

    private static VersionReference ReadReference(DocumentNode node) => node switch
    {
        DocumentScalar { Text: var text } when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 =>
            new VersionReference(node, number, null, null),
        DocumentScalar { Text: var text } when VersionDigest.IsValid(text) => new VersionReference(node, null, text, null),
        DocumentScalar { Text: var text } when text.Contains("://", StringComparison.Ordinal) && text.Length <= 2000 => new VersionReference(node, null, null, text),
        _ => throw node.Wrong($"{VersionReference.Form} is expected"),
    };

    private static DocumentMap Map(DocumentNode node, string expected) => node as DocumentMap ?? throw node.Wrong($"{expected}, is expected");

    private static DocumentList List(DocumentNode node, string expected) => node as DocumentList ?? throw node.Wrong($"{expected}, is expected");

    private static void Only(DocumentMap map, params string[] names)
    {
        foreach (var (name, value) in map.Fields)
        {
            if (!names.Contains(name))
            {
                throw value.Wrong($"'{name}' is no field here; expected {string.Join(", ", names)}");
            }
        }
    }

    // Rules that are shared with other bodies know the field; the line is added here.
    private static T At<T>(DocumentNode node, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is BadHttpRequestException or JsonException)
        {
            var field = exception is JsonException json ? $"{json.Path?.TrimStart('$', '.')}: not as expected" : exception.Message.TrimEnd('.');
            throw node.Wrong(field);
        }
    }
}
