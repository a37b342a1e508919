using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Contracts;
using Sluice.Gateway.Limits;

namespace Sluice.Gateway.Access;

/// <summary>
/// Who may call, at one revision of the Registry's state: a part of the route table, so that a request is let in and routed by the same revision, with the
/// Registry or without. Immutable but for the levels of buckets and the tokens met so far; built anew only when keys or the number of gateways changed.
/// </summary>
internal sealed class CallerTable
{
    private readonly ImmutableDictionary<string, ApiKey> _keys;
    private readonly int _gateways;
    private readonly FrozenDictionary<string, KnownKey> _byName;
    private readonly FrozenDictionary<SecretHash, KnownKey> _bySecret;

    private CallerTable(ImmutableDictionary<string, ApiKey> keys, int gateways, Dictionary<string, KnownKey> known, KnownTokens tokens)
    {
        _keys = keys;
        _gateways = gateways;
        _byName = known.ToFrozenDictionary(StringComparer.Ordinal);
        _bySecret = BySecret(known.Values).ToFrozenDictionary();
        Tokens = tokens;
    }

    /// <summary>Knows nobody yet.</summary>
    public static CallerTable Empty { get; } = new(ImmutableDictionary<string, ApiKey>.Empty, 1, [], KnownTokens.None);

    /// <summary>The tokens that were met.</summary>
    public KnownTokens Tokens { get; }

    /// <summary>The table of a state; the former one when nothing about it changed.</summary>
    public static CallerTable Build(ClusterState state, CallerTable former, TimeProvider time)
    {
        var gateways = Math.Max(1, state.Gateways.Count);
        var tokens = KnownTokens.For(state.TokenKeys.Values.FirstOrDefault(), former.Tokens);
        if (ReferenceEquals(state.Keys, former._keys) && gateways == former._gateways && ReferenceEquals(tokens, former.Tokens))
        {
            return former;
        }

        var known = new Dictionary<string, KnownKey>(state.Keys.Count, StringComparer.Ordinal);
        foreach (var key in state.Keys.Values)
        {
            var before = former._byName.GetValueOrDefault(key.Name);
            known[key.Name] = gateways == former._gateways && ReferenceEquals(before?.Key, key) ? before : new KnownKey(key, gateways, time, before);
        }

        return new CallerTable(state.Keys, gateways, known, tokens);
    }

    /// <summary>The key with this secret; null when there is none.</summary>
    public KnownKey? Find(in SecretHash secret) => _bySecret.GetValueOrDefault(secret);

    /// <summary>The key of this name; null when there is none.</summary>
    public KnownKey? Find(string name) => _byName.GetValueOrDefault(name);

    // A hash that is none cannot be met, and must not cost the other keys their places.
    private static Dictionary<SecretHash, KnownKey> BySecret(IEnumerable<KnownKey> keys)
    {
        var secrets = new Dictionary<SecretHash, KnownKey>();
        foreach (var known in keys)
        {
            foreach (var secret in (KeySecret[])[known.Key.Primary, known.Key.Secondary])
            {
                if (SecretHash.FromHex(secret.Hash) is { } hash)
                {
                    secrets[hash] = known;
                }
            }
        }

        return secrets;
    }
}

/// <summary>A key and the caller whom it stands for.</summary>
internal sealed class KnownKey
{
    /// <param name="key">The key.</param>
    /// <param name="gateways">How many gateways share its limit.</param>
    /// <param name="time">The clock of its bucket.</param>
    /// <param name="former">What was known of the key of this name; a limit that did not change goes on from its level.</param>
    public KnownKey(ApiKey key, int gateways, TimeProvider time, KnownKey? former)
    {
        var sameLimit = former is not null && former.Key.RateLimit == key.RateLimit && former.Key.CreatedAt == key.CreatedAt;
        Key = key;
        Caller = new Caller(
            key.Name,
            key.Model,
            Scopes.Allow(key.Scopes, Scopes.Infer),
            key.RateLimit is { } limit ? new RateBucket(limit, gateways, time, sameLimit ? former!.Caller.Bucket : null) : null);
    }

    public ApiKey Key { get; }

    public Caller Caller { get; }
}
