using System.Globalization;
using Sluice.Measuring;
using Sluice.Testing;

namespace Sluice.PredictorBench.Servers;

/// <summary>server.py, in the Python that Debian's packages belong to.</summary>
internal sealed class PythonServer : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    private PythonServer(ServerProcess process, string runtime) => (Process, Runtime) = (process, runtime);

    public ServerProcess Process { get; }

    /// <summary>What it computes with.</summary>
    public string Runtime { get; }

    /// <summary>Installs what is missing, where that is allowed.</summary>
    /// <returns>Why the servers cannot run here; null when they can.</returns>
    public static async Task<string?> FindProblemAsync()
    {
        string[] modules = ["flask", "fastapi", "uvicorn", "httptools", "uvloop", "numpy", "onnx"];
        await using var install = ChildProcess.Start(
            Repository.PathOf("eng", "install-optional.sh"), modules.Select(module => $"/usr/lib/python3/dist-packages/{module}:python3-{module}"));
        await install.WaitForExitAsync(TimeSpan.FromMinutes(10));
        if (!File.Exists(Python))
        {
            return Python + " is not there";
        }

        await using var import = ChildProcess.Start(Python, ["-c", "import " + string.Join(", ", modules)]);
        return await import.WaitForExitAsync(TimeSpan.FromMinutes(1)) == 0 ? null : import.Output.Split('\n')[^1];
    }

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="framework">flask or fastapi.</param>
    /// <param name="model">Path of an ONNX file.</param>
    /// <param name="input">Name of its input.</param>
    public static async Task<PythonServer> StartAsync(string framework, string model, string input)
    {
        var port = FreePort.Take(1)[0];
        var child = ChildProcess.Start(
            Python,
            [Path.Combine(AppContext.BaseDirectory, "Servers", "server.py"), framework, port.ToString(CultureInfo.InvariantCulture), model, input]);
        var server = new ServerProcess(child, port);
        await server.AnswersAsync("/");
        return new PythonServer(server, child.Output.Split('\n').First(line => line.StartsWith("Python", StringComparison.Ordinal)));
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
