namespace Sluice.Contracts;

/// <summary>What a caller of the Registry or the Gateway may do. A service or key has one or several.</summary>
public static class Scopes
{
    /// <summary>Send inference to the models the key is for.</summary>
    public const string Infer = "infer";

    /// <summary>Read the watch: the whole desired state, with the hashes of keys.</summary>
    public const string Watch = "watch";

    /// <summary>Report as a replica, read the watch and the blobs. A predictor holds no more: it parses files that may be hostile.</summary>
    public const string Replica = "replica";

    /// <summary>Propose verdicts, append evidence, hold the judge's lease; read the watch.</summary>
    public const string Judge = "judge";

    /// <summary>Register versions, describe and alias them, start and command rollouts.</summary>
    public const string Register = "register";

    /// <summary>Everything, keys included.</summary>
    public const string Admin = "admin";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Infer, Watch, Replica, Judge, Register, Admin];

    /// <summary>Whether scopes that somebody holds allow what needs one: they have it, or <see cref="Admin"/>.</summary>
    public static bool Allow(IReadOnlyList<string> held, string needed) => held.Contains(needed) || held.Contains(Admin);
}
