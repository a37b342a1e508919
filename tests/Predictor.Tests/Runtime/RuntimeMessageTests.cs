using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Tests.Runtime;

/// <summary>What the runtime said, word for word, and what is left of it.</summary>
public sealed class RuntimeMessageTests
{
    [Theory]
    [InlineData(
        "[ErrorCode:Fail] /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() "
            + "[ONNXRuntimeError] : 1 : FAIL : Failed to load library /app/runtimes/linux-x64/native/libonnxruntime_providers_cuda.so with error: "
            + "libcublasLt.so.13: cannot open shared object file: No such file or directory\n",
        "Failed to load library runtimes/linux-x64/native/libonnxruntime_providers_cuda.so with error: "
            + "libcublasLt.so.13: cannot open shared object file: No such file or directory")]
    [InlineData(
        "[ErrorCode:Fail] /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider_info.cc:62 static onnxruntime::CUDAExecutionProviderInfo "
            + "onnxruntime::CUDAExecutionProviderInfo::FromProviderOptions(const onnxruntime::ProviderOptions&) [ONNXRuntimeError] : 1 : FAIL : "
            + "provider_options_utils.h:187 Parse Failed to parse provider option \"device_id\": CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; "
            + "hostname=somewhere ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider_info.cc ; line=69 ; expr=cudaGetDeviceCount(&num_devices); \n",
        "provider_options_utils.h:187 Parse Failed to parse provider option \"device_id\": CUDA failure 100: no CUDA-capable device is detected")]
    [InlineData("[ErrorCode:Fail] OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library", "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library")]
    public void Codes_sources_and_the_programs_folder_are_left_out(string message, string expected) => Assert.Equal(expected, RuntimeMessage.Clean(message, "/app/"));
}
