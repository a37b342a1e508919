using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A default that is made once and kept in the AppHost's user secrets, where the configuration of later starts finds it.</summary>
internal sealed class UserSecretsDefault(string userSecretsId, string configurationKey, ParameterDefault inner) : ParameterDefault
{
    private static readonly Lock FileLock = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The id that the AppHost's project sets as <c>UserSecretsId</c>.</summary>
    public static string? FindId(Assembly? appHost) => appHost?.GetCustomAttribute<UserSecretsIdAttribute>()?.UserSecretsId;

    public override string GetDefaultValue()
    {
        var path = PathHelper.GetSecretsPathFromSecretsId(userSecretsId);
        lock (FileLock)
        {
            // Configuration reads user secrets in Development only; the file is the truth in every environment.
            var secrets = Read(path);
            if (secrets[configurationKey]?.GetValue<string>() is { } kept)
            {
                return kept;
            }

            var value = inner.GetDefaultValue();
            secrets[configurationKey] = value;
            Write(path, secrets.ToJsonString(Indented));
            return value;
        }
    }

    internal override void WriteTo(Utf8JsonWriter json) => inner.WriteTo(json);

    private static JsonObject Read(string path)
    {
        try
        {
            return File.Exists(path)
                ? JsonNode.Parse(File.ReadAllText(path), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject()
                : [];
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException($"The user secrets file '{path}' is not a JSON object: {exception.Message}", exception);
        }
    }

    /// <summary>Readable by its owner only, and whole at any time: another AppHost may read it now.</summary>
    private static void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
