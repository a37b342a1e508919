using Sluice.Contracts;
using Sluice.Gateway.Forwarding;

namespace Sluice.Gateway.Tests.Forwarding;

public sealed class InferencePathTests
{
    [Theory]
    [InlineData("/v2/models/wine/infer", InferenceProtocol.V2, "wine", null)]
    [InlineData("/v2/models/wine/versions/12/infer", InferenceProtocol.V2, "wine", 12)]
    [InlineData("/models/wine/invocations", InferenceProtocol.MlflowScoring, "wine", null)]
    [InlineData("/models/wine/versions/2147483647/invocations", InferenceProtocol.MlflowScoring, "wine", int.MaxValue)]
    [InlineData("/v2/models/infer/infer", InferenceProtocol.V2, "infer", null)]
    [InlineData("/v2/models/versions/versions/1/infer", InferenceProtocol.V2, "versions", 1)]
    [InlineData("/v2/models/w.i-n_e/infer", InferenceProtocol.V2, "w.i-n_e", null)]
    [InlineData("/v2/models/a b%2Fc/infer", InferenceProtocol.V2, "a b%2Fc", null)] // no model has this name
    [InlineData("/v2/models/wine/versions/one/infer", InferenceProtocol.V2, "wine", 0)]
    [InlineData("/v2/models/wine/versions/-1/infer", InferenceProtocol.V2, "wine", 0)]
    [InlineData("/v2/models/wine/versions/2147483648/infer", InferenceProtocol.V2, "wine", 0)]
    [InlineData("/v2/models/wine/versions//infer", InferenceProtocol.V2, "wine", 0)]
    [InlineData("/v2/models/wine/versions/1/2/infer", InferenceProtocol.V2, "wine", 0)]
    [InlineData("/v1/models/wine:predict", InferenceProtocol.V1, "wine", null)]
    [InlineData("/v1/models/wine/versions/3:predict", InferenceProtocol.V1, "wine", 3)]
    [InlineData("/v1/models/wine:predict:predict", InferenceProtocol.V1, "wine:predict", null)] // no model has this name
    [InlineData("/models/wine/predict", InferenceProtocol.Plain, "wine", null)]
    [InlineData("/models/predict/versions/3/predict", InferenceProtocol.Plain, "predict", 3)]
    [InlineData("/invocations", InferenceProtocol.MlflowScoring, "", null)]
    [InlineData("/predict", InferenceProtocol.Plain, "", null)]
    public void The_path_of_an_inference_tells_protocol_model_and_version(string path, InferenceProtocol protocol, string model, int? version)
    {
        Assert.True(InferencePath.TryParse(path, out var parsed));
        Assert.Equal((protocol, model, version), (parsed.Protocol, parsed.Model.ToString(), parsed.Version));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v2")]
    [InlineData("/v2/models/wine")]
    [InlineData("/v2/models/wine/ready")]
    [InlineData("/v2/models//infer")]
    [InlineData("/v2/models/infer")]
    [InlineData("/v2/models/wine/infer/")]
    [InlineData("/v2/models/wine/Infer")]
    [InlineData("/V2/models/wine/infer")]
    [InlineData("/v2/models/wine/invocations")]
    [InlineData("/models/wine/infer")]
    [InlineData("/models/invocations")]
    [InlineData("/v2/models/wine/other/1/infer")]
    [InlineData("/v2/models/wine/versions/infer")]
    [InlineData("/api/models/wine/infer")]
    [InlineData("/v1/models/wine")]
    [InlineData("/v1/models/:predict")]
    [InlineData("/v1/models/wine:explain")]
    [InlineData("/v1/models/wine/predict")]
    [InlineData("/v2/models/wine:predict")]
    [InlineData("/models/predict")]
    [InlineData("/predict/")]
    [InlineData("/ping")]
    public void Any_other_path_is_left_to_the_endpoints(string? path) => Assert.False(InferencePath.TryParse(path, out _));
}
