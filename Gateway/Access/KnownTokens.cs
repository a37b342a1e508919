using System.Collections.Concurrent;
using Sluice.Contracts;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Access;

/// <summary>
/// The tokens that were verified, by their hash, until they end: a signature costs a hundred times what a look-up does. They go with the public keys they
/// were verified with. Which key a token was made with is looked up with every request, as the key may be gone.
/// </summary>
/// <param name="keys">The public keys.</param>
internal sealed class KnownTokens(TokenKeySet keys)
{
    private const int Most = 10_000;

    private readonly TokenVerifier _verifier = new(keys);
    private readonly ConcurrentDictionary<SecretHash, KnownToken> _tokens = new();
    private int _count; // the dictionary's own count takes all its locks

    /// <summary>Without a public key no token is good.</summary>
    public static KnownTokens None { get; } = new(new TokenKeySet([]));

    /// <summary>Those of a set of public keys; the former ones when it is the same set.</summary>
    public static KnownTokens For(TokenKeySet? keys, KnownTokens former) =>
        keys is null ? None : former.IsOf(keys) ? former : new KnownTokens(keys);

    /// <summary>The caller that a token stands for; null, with the reason in words, when it is not accepted.</summary>
    public Caller? Find(ReadOnlySpan<char> text, CallerTable callers, DateTimeOffset now, out string reason)
    {
        var hash = SecretHash.Of(text);
        if (!_tokens.TryGetValue(hash, out var known))
        {
            if (_verifier.Verify(text.ToString(), now, out reason) is not { } verified)
            {
                return null;
            }

            known = new KnownToken(verified);
            Keep(hash, known, now);
        }

        reason = now >= known.Token.Ends ? "the token has ended" : "the key that the token was made with is no more, or has another secret now";
        return now < known.Token.Ends ? known.CallerOf(callers.Find(known.Token.Key), now) : null;
    }

    private bool IsOf(TokenKeySet other) => ReferenceEquals(keys, other) || keys.Keys.SequenceEqual(other.Keys);

    private void Keep(in SecretHash hash, KnownToken known, DateTimeOffset now)
    {
        if (Volatile.Read(ref _count) >= Most)
        {
            Forget(now);
        }

        if (_tokens.TryAdd(hash, known))
        {
            Interlocked.Increment(ref _count);
        }
    }

    // Those that ended; all, where none has: they are verified again when they are met.
    private void Forget(DateTimeOffset now)
    {
        var ended = _tokens.Where(pair => pair.Value.Token.Ends <= now).ToList();
        foreach (var pair in ended.Count > 0 ? ended : [.. _tokens])
        {
            if (_tokens.TryRemove(pair))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    private sealed class KnownToken(VerifiedToken token)
    {
        private Meaning? _meaning;

        public VerifiedToken Token => token;

        public Caller? CallerOf(KnownKey? key, DateTimeOffset now)
        {
            if (key is null || key.Key.IsExpired(now))
            {
                return null;
            }

            var meaning = Volatile.Read(ref _meaning);
            if (meaning?.Key != key)
            {
                var caller = key.Key.FindSecret(token.Fingerprint) is null
                    ? null
                    : new Caller(key.Key.Name, token.Model, Scopes.Allow(token.Scopes, Scopes.Infer), key.Caller.Bucket);
                Volatile.Write(ref _meaning, meaning = new Meaning(key, caller));
            }

            return meaning.Caller;
        }
    }

    // What a token says of a key as it is now; worked out once for each state of the key.
    private sealed record Meaning(KnownKey Key, Caller? Caller);
}
