using Sluice.Gateway.Limits;

namespace Sluice.Gateway.Access;

/// <summary>Who sends a request, and what he may ask. A feature of the request; there is one object a key, made when the key becomes known.</summary>
/// <param name="name">The name of his key; empty for whoever sends none.</param>
/// <param name="model">The one model he may ask; null for all.</param>
/// <param name="mayInfer">Whether his key is one for inference.</param>
/// <param name="bucket">His key's bucket; null where the key has no limit.</param>
internal sealed class Caller(string name, string? model, bool mayInfer, RateBucket? bucket)
{
    /// <summary>Whoever sends no credential, where none is asked for.</summary>
    public static Caller Anonymous { get; } = new("", model: null, mayInfer: true, bucket: null);

    /// <summary>The name of his key: what stands for the key where its secret must not, the same for both secrets and all tokens of it.</summary>
    public string Name => name;

    /// <summary>The one model he may ask; null for all.</summary>
    public string? Model => model;

    /// <summary>Whether his key has the scope for inference.</summary>
    public bool MayInfer => mayInfer;

    /// <summary>His key's bucket, which all its callers share; null where the key has no limit.</summary>
    public RateBucket? Bucket => bucket;

    /// <summary>Whether he may ask a model.</summary>
    public bool Covers(ReadOnlySpan<char> asked) => model is null || asked.SequenceEqual(model);

    /// <summary>Who sends a request: <see cref="Anonymous"/> where nobody asked.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Anonymous;
}
