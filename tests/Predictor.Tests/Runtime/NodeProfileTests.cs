using Microsoft.ML.OnnxRuntime;
using Sluice.Predictor.Runtime;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Runtime;

public sealed class NodeProfileTests
{
    private static readonly ComputeDevice Device = ComputeDevice.Choose(new PredictorOptions { Provider = "cpu" });

    [Fact]
    public void Session_that_is_not_asked_for_its_profile_leaves_no_file()
    {
        var profile = new NodeProfile();
        using (var options = Device.CreateSessionOptions(profilePath: profile.PathPrefix))
        using (new InferenceSession(OnnxModels.Scale(2, -1), options))
        {
            Assert.NotEmpty(Files(profile));
        }

        Assert.NotEmpty(Files(profile));
        profile.Dispose();
        Assert.Empty(Files(profile));
    }

    [Fact]
    public void Model_that_cannot_be_loaded_leaves_no_file()
    {
        var profile = new NodeProfile();
        using var options = Device.CreateSessionOptions(profilePath: profile.PathPrefix);
        Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(OnnxModels.Unloadable(), options));
        profile.Dispose();
        Assert.Empty(Files(profile));
    }

    [Fact]
    public void Session_goes_on_after_its_profile_was_taken_and_writes_no_more()
    {
        using var profile = new NodeProfile();
        using var options = Device.CreateSessionOptions(profilePath: profile.PathPrefix);
        using (var session = new InferenceSession(OnnxModels.Scale(2, -1), options))
        {
            Run(session);
            Assert.Equal("Mul", Assert.Single(NodeProfile.End(session).Nodes).Operator);
            Run(session);
        }

        Assert.Empty(Files(profile));
    }

    private static string[] Files(NodeProfile profile) => Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(profile.PathPrefix) + "*");

    private static void Run(InferenceSession session)
    {
        using var runOptions = new RunOptions();
        using var x = OrtValue.CreateTensorValueFromMemory([1f], [1]);
        session.Run(runOptions, ["x"], [x], ["y"]).Dispose();
    }
}
