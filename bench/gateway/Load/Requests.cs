using System.Text;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;

namespace Sluice.GatewayBench.Load;

/// <summary>What is sent.</summary>
internal static class Requests
{
    /// <summary>Bytes of a small body.</summary>
    public const int Small = 160;

    /// <summary>Bytes of a larger one.</summary>
    public const int Large = 16 * 1024;

    /// <summary>An inference of a model with a body of so many bytes, by the stand's key.</summary>
    public static RequestBody Of(Stand stand, string model, int bytes)
    {
        const string Start = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[0""";
        var filling = new StringBuilder(Start);
        while (filling.Length < bytes - 3)
        {
            filling.Append(",0.125".AsSpan(0, Math.Min(6, bytes - 3 - filling.Length)));
        }

        var headers = new Dictionary<string, string>
        {
            ["Content-Type"] = "application/json",
            ["Authorization"] = "Bearer " + stand.Key,
            ["x-user"] = "somebody",
        };
        return new RequestBody($"/v2/models/{model}/infer", headers, Encoding.UTF8.GetBytes(filling.Append("]}]").ToString()));
    }
}
