namespace Sluice.Registry.Onnx;

/// <summary>A file is no ONNX model that can be served. The message says what is wrong, for the person who uploaded it.</summary>
internal sealed class OnnxFormatException(string message) : Exception(message);
