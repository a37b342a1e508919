using System.Text.Json;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;

namespace Sluice.Registry.Tokens;

/// <summary>
/// The keys that sign tokens, in the store and so the same for all Registry processes: one record with the private keys, which nobody is told of, and
/// one with the public ones, which watchers and <c>/api/jwks.json</c> have. Both change together, by compare-and-set, when somebody asks for a token or
/// for the public keys and it is time; there is nothing to do while nobody asks.
/// </summary>
internal sealed partial class SigningKeys(
    IStore store, KeyVault vault, AuditLog audit, IOptions<TokenOptions> options, TimeProvider time, ILogger<SigningKeys> logger)
{
    /// <summary>The key that signs now, with its private key as PKCS #8. Made when there is none.</summary>
    public async Task<(SigningKey Key, byte[] PrivateKey)> GetSignerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (ring, revision) = await AdvanceAsync(cancellationToken);
            var now = time.GetUtcNow();
            if (ring.FindSigner(now) is { } signer && vault.Open(signer.PrivateKey, signer.Public.Kid) is { } privateKey)
            {
                return (signer, privateKey);
            }

            // The old ones stay, to verify what they signed; they do not sign again.
            LogUnreadable();
            var usable = new SigningKeyRing([.. ring.Keys.Where(key => key.SignsFrom <= now), SigningKey.New(vault, now)]);
            await TryWriteAsync(usable, revision, Caller.Registry, "the private key could not be read", cancellationToken);
        }
    }

    /// <summary>The public keys; none before there was an API key.</summary>
    public async Task<TokenKeySet> GetPublicAsync(CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.SigningKeys, cancellationToken) is null
            ? SigningKeyRing.Empty.ToPublic()
            : (await AdvanceAsync(cancellationToken)).Ring.ToPublic();

    /// <summary>The public keys as the store has them; null when there are none.</summary>
    public ValueTask<StoreEntry?> FindPublicAsync(CancellationToken cancellationToken) => store.GetAsync(StoreKeys.TokenKeys, cancellationToken);

    /// <summary>Forgets all keys and makes another: every token ends. For when a private key may have leaked.</summary>
    public async Task ReplaceAsync(Caller caller, CancellationToken cancellationToken)
    {
        bool replaced;
        do
        {
            var (_, revision) = await ReadAsync(cancellationToken);
            var ring = new SigningKeyRing([SigningKey.New(vault, time.GetUtcNow())]);
            replaced = await TryWriteAsync(ring, revision, caller, "all were replaced", cancellationToken);
        }
        while (!replaced);
    }

    private async Task<(SigningKeyRing Ring, long Revision)> AdvanceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (ring, revision) = await ReadAsync(cancellationToken);
            var next = ring.Advance(time.GetUtcNow(), options.Value, signsFrom => SigningKey.New(vault, signsFrom));
            if (ReferenceEquals(next, ring))
            {
                return (ring, revision);
            }

            // Whether it was us or another process: what is there then is read again.
            await TryWriteAsync(next, revision, Caller.Registry, "it was time", cancellationToken);
        }
    }

    private async Task<(SigningKeyRing Ring, long Revision)> ReadAsync(CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.SigningKeys, cancellationToken) is { } entry
            ? (JsonSerializer.Deserialize(entry.Value.Span, TokensJson.Default.SigningKeyRing)!, entry.ModRevision)
            : (SigningKeyRing.Empty, StoreBatch.Absent);

    private async Task<bool> TryWriteAsync(SigningKeyRing ring, long expected, Caller caller, string reason, CancellationToken cancellationToken)
    {
        var batch = new StoreBatch()
            .Put(StoreKeys.SigningKeys, JsonSerializer.SerializeToUtf8Bytes(ring, TokensJson.Default.SigningKeyRing), expected)
            .Put(StoreKeys.TokenKeys, JsonSerializer.SerializeToUtf8Bytes(ring.ToPublic(), ContractsJson.Default.TokenKeySet));
        audit.Note(batch, caller, "token-keys.rotate", reason: reason);
        if (!(await store.CommitAsync(batch, cancellationToken)).Succeeded)
        {
            return false;
        }

        LogRotated(string.Join(", ", ring.Keys.Select(key => $"{key.Public.Kid} from {key.SignsFrom:O}")), reason);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "Tokens are signed by {Keys} ({Reason})")]
    private partial void LogRotated(string keys, string reason);

    [LoggerMessage(LogLevel.Error, "The private key that signs tokens cannot be read: Registry:Tokens:EncryptionSecret is not the one it was sealed with. Another is made; tokens stay valid. Give all Registry processes the same secret")]
    private partial void LogUnreadable();
}
