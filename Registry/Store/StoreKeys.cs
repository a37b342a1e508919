using Sluice.Contracts;

namespace Sluice.Registry.Store;

/// <summary>The store's keys: a kind, a slash, the key within the kind. Kinds of <see cref="ObjectKinds"/> are told to watchers, others are not.</summary>
internal static class StoreKeys
{
    /// <summary>Kind of the models' records.</summary>
    public const string ModelKind = "model";

    /// <summary>Prefix of all models' records.</summary>
    public const string Models = ModelKind + "/";

    /// <summary>Prefix of all serving states.</summary>
    public const string AllServing = ObjectKinds.Serving + "/";

    /// <summary>Prefix of all API keys.</summary>
    public const string Keys = ObjectKinds.Key + "/";

    /// <summary>The public keys of tokens.</summary>
    public const string TokenKeys = ObjectKinds.TokenKeys + "/current";

    /// <summary>The private keys of tokens: of no kind that watchers are told of.</summary>
    public const string SigningKeys = "signing-keys";

    /// <summary>An API key.</summary>
    public static string Key(string name) => Keys + name;

    /// <summary>The name of the API key that a secret belongs to, by the secret's SHA-256 in hex.</summary>
    public static string KeyOfSecret(string hash) => "secret/" + hash;

    /// <summary>Prefix of all versions of all models.</summary>
    public const string AllVersions = ObjectKinds.Version + "/";

    /// <summary>The record of a model.</summary>
    public static string Model(string model) => Models + model;

    /// <summary>The highest version number of a model that was deleted, so that one of the same name does not use a number again.</summary>
    public static string Retired(string model) => $"retired/{model}";

    /// <summary>Prefix of a model's versions.</summary>
    public static string Versions(string model) => $"{ObjectKinds.Version}/{model}/";

    /// <summary>One version.</summary>
    public static string Version(string model, int version) => $"{ObjectKinds.Version}/{ObjectKinds.VersionKey(model, version)}";

    /// <summary>The serving state of a model.</summary>
    public static string Serving(string model) => AllServing + model;

    /// <summary>Prefix of the rollouts that are not closed.</summary>
    public const string OpenRollouts = ObjectKinds.Rollout + "/";

    /// <summary>A model's rollout that is not closed: there is one at most.</summary>
    public static string OpenRollout(string model) => OpenRollouts + model;

    /// <summary>Kind of closed rollouts.</summary>
    public const string ClosedRolloutKind = "closed-rollout";

    /// <summary>Prefix of a model's closed rollouts.</summary>
    public static string ClosedRollouts(string model) => $"{ClosedRolloutKind}/{model}/";

    /// <summary>A closed rollout. Padded, so that they list in their order.</summary>
    public static string ClosedRollout(string model, int number) => string.Create(null, $"{ClosedRollouts(model)}{number:D8}");

    /// <summary>The log of a rollout's changes.</summary>
    public static string RolloutEvents(string id) => "rollout-events/" + id;

    /// <summary>The log of the evidence on a rollout.</summary>
    public static string Evidence(string id) => "evidence/" + id;

    /// <summary>A lease.</summary>
    public static string Lease(string name) => "lease/" + name;

    /// <summary>Splits a key; false when its kind is not for watchers.</summary>
    public static bool TryReadObject(string storeKey, out string kind, out string key)
    {
        var slash = storeKey.IndexOf('/', StringComparison.Ordinal);
        kind = slash < 0 ? storeKey : storeKey[..slash];
        key = storeKey[(slash + 1)..];
        return kind is ObjectKinds.Version or ObjectKinds.Serving or ObjectKinds.Replica or ObjectKinds.Gateway or ObjectKinds.Key or ObjectKinds.TokenKeys
            or ObjectKinds.Rollout;
    }
}
