using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Neighbours;

/// <summary>One predictor with a model of each kind, for tests that only ask.</summary>
public sealed class ServedModels : IAsyncLifetime
{
    private Stage _stage = null!;

    public RunningPredictor Predictor => _stage.Predictor;

    /// <summary>All that the protocol has.</summary>
    public static IReadOnlyList<string> Datatypes { get; } =
    [
        Datatype.Bool, Datatype.UInt8, Datatype.UInt16, Datatype.UInt32, Datatype.UInt64, Datatype.Int8, Datatype.Int16, Datatype.Int32, Datatype.Int64,
        Datatype.Fp16, Datatype.Bf16, Datatype.Fp32, Datatype.Fp64, Datatype.Bytes,
    ];

    public static string Identity(string datatype) => $"identity-{datatype}";

    public async ValueTask InitializeAsync()
    {
        _stage = await Stage.SetAsync();
        var registry = _stage.Registry;
        foreach (var datatype in Datatypes)
        {
            registry.Serve(Identity(datatype), OnnxModels.Identity(datatype, -1, 2));
        }

        registry.Serve("scalar", OnnxModels.Identity(Datatype.Fp32));
        registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        registry.Serve("cube", OnnxModels.Identity(Datatype.Fp32, -1, 2, 2));
        registry.Serve("any", OnnxModels.Identity(Datatype.Fp32, -1, -1));
        registry.Serve("fixed", OnnxModels.Identity(Datatype.Fp32, 2, 2));
        registry.Serve("two", OnnxModels.SumAndDifference());
        registry.Serve("lookup", OnnxModels.Lookup());
        registry.Serve("root", OnnxModels.SquareRoot());
        registry.Serve("wine", File.ReadAllBytes(Repository.PathOf("samples", "wine", "1", "model.onnx")));
        await Eventually.BecomesTrueAsync(async () => (await Predictor.GetAsync(InferencePaths.Ready)).Status == 200
            && registry.Reports.LastOrDefault().Report?.Versions.Count(version => version.State == VersionState.Ready) == 9 + Datatypes.Count);
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();
}
