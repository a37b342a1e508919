using Microsoft.Extensions.Options;
using Sluice.Registry.Blobs;
using StackExchange.Redis;

namespace Sluice.Registry.Store;

/// <summary>Settings of the store. They stand in the configuration section <see cref="RegistryOptions.Section"/>.</summary>
internal sealed class StoreOptions
{
    private const string Sqlite = "sqlite";
    private const string OnRedis = "redis";

    /// <summary><c>sqlite</c>, a file of the data directory for one Registry; or <c>redis</c>, a server for one or several.</summary>
    public string Store { get; set; } = Sqlite;

    /// <summary>The Redis server, as StackExchange.Redis writes it: <c>host:port,password=…,ssl=true</c>. It may hold a password: it is never shown.</summary>
    public string? Redis { get; set; }

    /// <summary>PEM file of the authority that signed the server's certificate, where the system does not trust it.</summary>
    public string? RedisAuthority { get; set; }

    /// <summary>What the names of the keys begin with, so that several Sluices can use one server.</summary>
    public string RedisPrefix { get; set; } = "sluice";

    /// <summary>Whether Redis is the store.</summary>
    public bool IsRedis => string.Equals(Store, OnRedis, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the embedded one is.</summary>
    public bool IsSqlite => string.Equals(Store, Sqlite, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Checks <see cref="StoreOptions"/> at start. Its messages name the keys, never the values that may hold a password.</summary>
internal sealed class StoreOptionsValidator(IOptions<BlobOptions> blobs) : IValidateOptions<StoreOptions>
{
    private const int LongestPrefix = 50;

    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        List<string> problems = [.. FindProblems(options)];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> FindProblems(StoreOptions options)
    {
        if (options.IsSqlite)
        {
            yield break;
        }

        if (!options.IsRedis)
        {
            yield return "Registry:Store must be sqlite or redis.";
            yield break;
        }

        if (FindProblem(options.Redis) is { } problem)
        {
            yield return $"Registry:Redis {problem}";
        }

        if (options.RedisAuthority is { Length: > 0 } authority && !File.Exists(authority))
        {
            yield return $"Registry:RedisAuthority names {authority}, which is not there: name the PEM file of the authority that signed the server's certificate.";
        }

        if (options.RedisPrefix.Length is 0 or > LongestPrefix || !options.RedisPrefix.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            yield return $"Registry:RedisPrefix must be 1 to {LongestPrefix} characters of A-Z a-z 0-9 - _ and dot.";
        }

        if (!blobs.Value.IsShared)
        {
            yield return $"{BlobOptions.Section}:{nameof(BlobOptions.Shared)} is not set: with Redis as store several Registries may run, and each must find the files of all. "
                + $"Name a folder that they share in {BlobOptions.Section}:{nameof(BlobOptions.Folder)} and set it to true (also for a single Registry), or choose another {BlobOptions.Section}:{nameof(BlobOptions.Store)}.";
        }
    }

    private static string? FindProblem(string? connection)
    {
        const string Expected = "an address such as redis.example:6379, with password=… and ssl=true behind commas where needed, is expected.";
        if (string.IsNullOrWhiteSpace(connection))
        {
            return $"is missing: {Expected}";
        }

        try
        {
            return ConfigurationOptions.Parse(connection) switch
            {
                { EndPoints.Count: 1, ServiceName: null or "" } => null,
                { EndPoints.Count: 0 } => $"has no address: {Expected}",
                _ => "names several servers: one is expected, since a write that several servers may disagree on could be lost.",
            };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return $"cannot be read: {Expected}"; // the exception may quote it, with the password
        }
    }
}
