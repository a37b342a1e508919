using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;

namespace Sluice.Registry.Keys;

/// <summary>How a change of a key ended.</summary>
internal enum KeyOutcome
{
    /// <summary>It was made.</summary>
    Done,

    /// <summary>There is no such key.</summary>
    Unknown,

    /// <summary>Somebody else changed the key at the same time, or there is one of this name already: nothing was changed.</summary>
    Overtaken,
}

/// <summary>
/// The API keys in the store: a record by name, and for each of its two secrets the name by the secret's hash, so that a secret is found without looking
/// at all keys. Both change in one batch with the audit entry.
/// </summary>
internal sealed partial class ApiKeys(IStore store, AuditLog audit, TimeProvider time, ILogger<ApiKeys> logger)
{
    /// <summary>All keys by name.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(StoreKeys.Keys, cancellationToken)).Entries.Select(Read)];

    /// <summary>Whether there is a key that may make others.</summary>
    public async Task<bool> HasAdminAsync(CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).Any(key => key.Scopes.Contains(Scopes.Admin) && !key.IsExpired(time.GetUtcNow()));

    /// <summary>One key; null when there is none of this name.</summary>
    public async Task<ApiKey?> FindAsync(string name, CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.Key(name), cancellationToken) is { } entry ? Read(entry) : null;

    /// <summary>The key that a secret belongs to, with what is kept of the secret; null when there is none.</summary>
    public async Task<(ApiKey Key, KeySecret Secret)?> FindBySecretAsync(string text, CancellationToken cancellationToken)
    {
        // How long the look-up takes tells of the hash at most, and nobody can choose a secret by its hash.
        var hash = KeySecret.HashOf(text);
        if (await store.GetAsync(StoreKeys.KeyOfSecret(Convert.ToHexStringLower(hash)), cancellationToken) is not { } owner)
        {
            return null;
        }

        var key = await FindAsync(System.Text.Encoding.UTF8.GetString(owner.Value.Span), cancellationToken);
        return key?.FindSecret(hash) is { } secret ? (key, secret) : null;
    }

    /// <summary>Makes a key.</summary>
    /// <returns>The key with its secrets, which are kept nowhere; null when there is one of this name.</returns>
    public async Task<CreatedApiKey?> CreateAsync(NewApiKey wish, Caller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (primary, secondary) = (KeySecret.NewText(), KeySecret.NewText());
        var key = new ApiKey
        {
            Name = wish.Name,
            Scopes = [.. wish.Scopes.Distinct().Order(StringComparer.Ordinal)],
            Model = wish.Model,
            CreatedAt = now,
            ExpiresAt = wish.ExpiresAt,
            RateLimit = wish.RateLimit,
            Primary = KeySecret.Of(primary, now),
            Secondary = KeySecret.Of(secondary, now),
        };
        var batch = new StoreBatch().Put(StoreKeys.Key(key.Name), ToBytes(key), StoreBatch.Absent);
        Name(batch, key.Primary, key);
        Name(batch, key.Secondary, key);
        audit.Note(batch, caller, "key.create", key.Model, details: Describe(key));
        if (!(await store.CommitAsync(batch, cancellationToken)).Succeeded)
        {
            return null;
        }

        LogCreated(key.Name, string.Join(", ", key.Scopes), caller.Name);
        return new CreatedApiKey(ApiKeyView.Of(key), primary, secondary);
    }

    /// <summary>Puts a new secret in the place of one; the other goes on.</summary>
    /// <returns>How it ended, and the new secret, which is kept nowhere, when it was made.</returns>
    public async Task<(KeyOutcome Outcome, RegeneratedSecret? Secret)> RegenerateAsync(
        string name, KeySlot which, Caller caller, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(StoreKeys.Key(name), cancellationToken) is not { } entry)
        {
            return (KeyOutcome.Unknown, null);
        }

        var key = Read(entry);
        var text = KeySecret.NewText();
        var secret = KeySecret.Of(text, time.GetUtcNow());
        var (old, next) = which == KeySlot.Primary ? (key.Primary, key with { Primary = secret }) : (key.Secondary, key with { Secondary = secret });

        // Not tried again when overtaken: of two new secrets, one would be dead when it is told.
        var batch = new StoreBatch().Put(entry.Key, ToBytes(next), entry.ModRevision).Delete(StoreKeys.KeyOfSecret(old.Hash));
        Name(batch, secret, next);
        audit.Note(batch, caller, "key.regenerate", key.Model, details: Details(("key", name), ("which", which.ToString())));
        if (!(await store.CommitAsync(batch, cancellationToken)).Succeeded)
        {
            return (KeyOutcome.Overtaken, null);
        }

        LogRegenerated(which, name, caller.Name);
        return (KeyOutcome.Done, new RegeneratedSecret(ApiKeyView.Of(next), which, text));
    }

    /// <summary>Sets how fast inference by a key may come; null for as fast as can be.</summary>
    /// <returns>The key as it is now; null when there is none of this name.</returns>
    public async Task<ApiKey?> LimitAsync(string name, RateLimit? limit, Caller caller, CancellationToken cancellationToken)
    {
        while (await store.GetAsync(StoreKeys.Key(name), cancellationToken) is { } entry)
        {
            var key = Read(entry);
            if (key.RateLimit == limit)
            {
                return key;
            }

            // Tried again when overtaken: whatever else changed of the key, the limit is as it was wished last.
            var next = key with { RateLimit = limit };
            var batch = new StoreBatch().Put(entry.Key, ToBytes(next), entry.ModRevision);
            audit.Note(batch, caller, "key.limit", key.Model, details: Details(("key", name), ("rateLimit", Words(limit) ?? "none"), ("before", Words(key.RateLimit) ?? "none")));
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                LogLimited(name, Words(limit) ?? "none", caller.Name);
                return next;
            }
        }

        return null;
    }

    /// <summary>Deletes a key: neither it nor a token made with it is accepted from now on.</summary>
    public async Task<KeyOutcome> DeleteAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(StoreKeys.Key(name), cancellationToken) is not { } entry)
        {
            return KeyOutcome.Unknown;
        }

        var key = Read(entry);
        var batch = new StoreBatch()
            .Delete(entry.Key, entry.ModRevision)
            .Delete(StoreKeys.KeyOfSecret(key.Primary.Hash))
            .Delete(StoreKeys.KeyOfSecret(key.Secondary.Hash));
        audit.Note(batch, caller, "key.delete", key.Model, details: Describe(key));
        if (!(await store.CommitAsync(batch, cancellationToken)).Succeeded)
        {
            return KeyOutcome.Overtaken;
        }

        LogDeleted(name, caller.Name);
        return KeyOutcome.Done;
    }

    private static void Name(StoreBatch batch, KeySecret secret, ApiKey key) =>
        batch.Put(StoreKeys.KeyOfSecret(secret.Hash), System.Text.Encoding.UTF8.GetBytes(key.Name), StoreBatch.Absent);

    private static ApiKey Read(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ApiKey)!;

    private static byte[] ToBytes(ApiKey key) => JsonSerializer.SerializeToUtf8Bytes(key, ContractsJson.Default.ApiKey);

    private static JsonElement Describe(ApiKey key) =>
        Details(("key", key.Name), ("scopes", string.Join(' ', key.Scopes)), ("expiresAt", key.ExpiresAt?.ToString("O", null)), ("rateLimit", Words(key.RateLimit)));

    private static string? Words(RateLimit? limit) =>
        limit is null ? null : string.Create(CultureInfo.InvariantCulture, $"{limit.RequestsPerSecond}/s{(limit.Burst is { } burst ? $", burst {burst}" : "")}");

    private static JsonElement Details(params (string Name, string? Value)[] details) => JsonSerializer.SerializeToElement(
        details.Where(detail => detail.Value is not null).ToDictionary(detail => detail.Name, detail => detail.Value!), KeysJson.Default.DictionaryStringString);

    [LoggerMessage(LogLevel.Information, "{Caller} made the key {Key} with the scopes {Scopes}")]
    private partial void LogCreated(string key, string scopes, string caller);

    [LoggerMessage(LogLevel.Information, "{Caller} regenerated the {Which} secret of the key {Key}")]
    private partial void LogRegenerated(KeySlot which, string key, string caller);

    [LoggerMessage(LogLevel.Information, "{Caller} set the rate limit of the key {Key}: {Limit}")]
    private partial void LogLimited(string key, string limit, string caller);

    [LoggerMessage(LogLevel.Information, "{Caller} deleted the key {Key}")]
    private partial void LogDeleted(string key, string caller);
}
