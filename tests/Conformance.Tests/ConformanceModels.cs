using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Conformance.Tests;

/// <summary>The models that the kit asks. See README.md.</summary>
public static class ConformanceModels
{
    /// <summary>Name of a model whose output y is its input x, both [-1, 2] of a datatype.</summary>
    public static string Identity(string datatype) => $"conformance-{datatype.ToLowerInvariant()}";

    /// <summary>Inputs a, b; outputs sum, difference; all FP32 [-1, 2].</summary>
    public const string Pair = "conformance-pair";

    /// <summary>x INT64 [-1] → y FP32 [-1]: 10, 20, 30 for 0, 1, 2; fails at run time beyond.</summary>
    public const string Lookup = "conformance-lookup";

    public static IReadOnlyList<string> Datatypes { get; } =
    [
        Datatype.Bool, Datatype.UInt8, Datatype.UInt16, Datatype.UInt32, Datatype.UInt64, Datatype.Int8, Datatype.Int16, Datatype.Int32, Datatype.Int64,
        Datatype.Fp16, Datatype.Bf16, Datatype.Fp32, Datatype.Fp64, Datatype.Bytes,
    ];

    public static IReadOnlyDictionary<string, byte[]> All { get; } = new Dictionary<string, byte[]>(
        Datatypes.Select(datatype => KeyValuePair.Create(Identity(datatype), OnnxModels.Identity(datatype, -1, 2))))
    {
        [Pair] = OnnxModels.SumAndDifference(),
        [Lookup] = OnnxModels.Lookup(),
    };
}
