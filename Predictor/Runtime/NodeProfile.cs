using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>The files that one session writes of the nodes it runs: begun with the session, and gone with this, whatever became of the session.</summary>
/// <remarks>To be disposed after the session: that writes its file anew when it goes.</remarks>
internal sealed class NodeProfile : IDisposable
{
    private readonly string _name = $"sluice-{Guid.NewGuid():N}";

    /// <summary>What the files' paths begin with; the runtime adds the time.</summary>
    public string PathPrefix => Path.Combine(Path.GetTempPath(), _name);

    /// <summary>Ends the profile; the session writes no more of what it runs.</summary>
    public static NodePlacement End(InferenceSession session) => NodePlacement.TakeProfile(session.EndProfiling());

    public void Dispose()
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetTempPath(), _name + "*"))
        {
            File.Delete(file);
        }
    }
}
