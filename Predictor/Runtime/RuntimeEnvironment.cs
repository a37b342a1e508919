using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>ONNX Runtime's own surroundings, made once in a process and before anything else of it.</summary>
internal static partial class RuntimeEnvironment
{
    private static readonly Lock Making = new();

    /// <summary>Makes them, if that was not done.</summary>
    /// <remarks>
    /// The runtime writes to stderr on its own, a line for every failed request and for every library that it does not find; all of it is in the
    /// exceptions, which we tell of in our own way. On Linux it also tells Microsoft what models it runs on what, and keeps files of that in the user's home and
    /// the temporary folder. Nobody asked for it; and version 1.29 ends the process (SIGSEGV) where there is no shell to ask for the machine's name, as in images without one.
    /// </remarks>
    public static void Ensure()
    {
        lock (Making)
        {
            if (!OrtEnv.IsCreated)
            {
                DisableTelemetry();
                var options = new EnvironmentCreationOptions { logId = "sluice", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                OrtEnv.CreateInstanceWithOptions(ref options);
            }
        }
    }

    // The runtime's own switch comes too late, after the first report. The variable has to be in the process's environment, which .NET's copy does not reach;
    // who set it to something else wants that.
    private static void DisableTelemetry()
    {
        if (!OperatingSystem.IsWindows())
        {
            SetVariable("ORT_DISABLE_TELEMETRY", "1", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
