using System.Text.RegularExpressions;

namespace Sluice.Predictor.Runtime;

/// <summary>Makes one line, fit for a caller and a log, of what ONNX Runtime says.</summary>
internal static partial class RuntimeMessage
{
    private const int Longest = 400;

    /// <summary>The message without its error code, source file, function and the lines of a stack.</summary>
    /// <param name="message">As the runtime gave it.</param>
    /// <param name="folder">A folder of this machine that is left out of it.</param>
    public static string Clean(string message, string? folder = null)
    {
        var text = folder is null ? message : message.Replace(folder, "", StringComparison.Ordinal);
        text = Code().Replace(text, "");
        text = Status().Replace(text, "");
        text = Source().Replace(text, "");
        text = CudaPlace().Replace(text, "");
        text = Stack().Replace(text, "");
        text = Blanks().Replace(text, " ").Trim();
        return text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
    }

    [GeneratedRegex(@"^\[ErrorCode:\w+\]\s*")]
    private static partial Regex Code();

    // "/build/onnxruntime/core/framework/x.cc:123 onnxruntime::Status onnxruntime::Name::Method(args) const "
    [GeneratedRegex(@"(?:[A-Za-z]:)?[/\\]\S+\.(?:cc|cpp|h|hpp|cu):\d+\s+(?:[^()\n]*\([^()\n]*\)(?:\s*const)?(?:\s*\[[^\]\n]*\])?)?\s*")]
    private static partial Regex Source();

    // "[ONNXRuntimeError] : 1 : FAIL : "
    [GeneratedRegex(@"\[ONNXRuntimeError\] : \d+ : \w+ : ")]
    private static partial Regex Status();

    // "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=h ; file=/build/x.cc ; line=69 ; expr=cudaGetDeviceCount(&n);"
    [GeneratedRegex(@"\s*; GPU=-?\d+ ; hostname=[\s\S]*? ; expr=[^;]*;?")]
    private static partial Regex CudaPlace();

    [GeneratedRegex(@"\bStacktrace:[\s\S]*$")]
    private static partial Regex Stack();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
