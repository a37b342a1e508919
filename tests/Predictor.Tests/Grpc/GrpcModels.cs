using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>The models that a server of gRPC is asked for by the tests of this folder.</summary>
public static class GrpcModels
{
    private static readonly string[] Datatypes =
    [
        Datatype.Bool, Datatype.UInt8, Datatype.UInt16, Datatype.UInt32, Datatype.UInt64, Datatype.Int8, Datatype.Int16, Datatype.Int32, Datatype.Int64,
        Datatype.Fp32, Datatype.Fp64, Datatype.Bytes, Datatype.Fp16, Datatype.Bf16,
    ];

    /// <summary>Each model's name and file.</summary>
    public static IReadOnlyDictionary<string, byte[]> All { get; } = Datatypes
        .ToDictionary(Identity, datatype => OnnxModels.Identity(datatype, -1, 2))
        .Concat(new Dictionary<string, byte[]>
        {
            ["scalar"] = OnnxModels.Identity(Datatype.Fp32),
            ["line"] = OnnxModels.Identity(Datatype.Fp32, -1),
            ["cube"] = OnnxModels.Identity(Datatype.Fp32, -1, 2, 2),
            ["two"] = OnnxModels.SumAndDifference(),
            ["lookup"] = OnnxModels.Lookup(),
            ["root"] = OnnxModels.SquareRoot(),
        })
        .ToDictionary();

    /// <summary>The model y = x of a datatype, [-1, 2].</summary>
    public static string Identity(string datatype) => $"identity-{datatype}";
}
