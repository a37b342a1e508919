using Google.Protobuf;
using Grpc.Core;
using Sluice.Contracts;
using Sluice.Protos;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>Each rule of the protocol, broken once: the status says whose fault it is, and its message the field and what was expected.</summary>
public sealed class RefusalTests(GrpcServer server) : IClassFixture<GrpcServer>
{
    private static readonly byte[] TwoFloats = Tensors.Bytes(1f, 2f);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("FP32", 4, "has 4 bytes, the shape [1, 2] of FP32 takes 8")]
    [InlineData("FP32", 9, "has 9 bytes, the shape [1, 2] of FP32 takes 8")]
    [InlineData("FP16", 8, "has 8 bytes, the shape [1, 2] of FP16 takes 4")]
    [InlineData("INT64", 8, "has 8 bytes, the shape [1, 2] of INT64 takes 16")]
    public Task Raw_content_of_the_wrong_size(string datatype, int length, string expected) =>
        AssertRefusedAsync(Tensors.RawRequest(GrpcServer.Identity(datatype), datatype, new byte[length], 1, 2), $"The input x: its entry of raw_input_contents {expected}");

    [Theory]
    [InlineData(3, "not whole elements")]
    [InlineData(4, "1 elements, the shape [1, 2] takes 2")]
    [InlineData(12, "3 elements, the shape [1, 2] takes 2")]
    public Task Raw_strings_that_are_not_as_many_as_the_shape_takes(int length, string expected) =>
        AssertRefusedAsync(Tensors.RawRequest(GrpcServer.Identity("BYTES"), "BYTES", new byte[length], 1, 2), $"The input x: its bytes are {expected}");

    [Fact]
    public Task Raw_string_longer_than_what_is_there() => AssertRefusedAsync(
        Tensors.RawRequest(GrpcServer.Identity("BYTES"), "BYTES", [255, 255, 255, 255, 1, 2, 3], 1, 2), "its bytes are not whole elements");

    [Fact]
    public Task Raw_bool_that_is_neither() => AssertRefusedAsync(
        Tensors.RawRequest(GrpcServer.Identity("BOOL"), "BOOL", [1, 2], 1, 2), "element 1 is the byte 2, a BOOL is 0 or 1");

    [Theory]
    [InlineData(0, 2)] // more entries than inputs
    [InlineData(2, 1)] // fewer
    [InlineData(1, 2)]
    public Task Raw_contents_that_are_not_one_for_each_input(int inputs, int entries)
    {
        var request = new ModelInferRequest { ModelName = "two" };
        request.Inputs.Add(new[] { "a", "b" }.Take(inputs).Select(name => Tensors.Input(name, Datatype.Fp32, 1, 2)));
        request.RawInputContents.Add(Enumerable.Repeat(ByteString.CopyFrom(TwoFloats), entries));

        return AssertRefusedAsync(request, $"raw_input_contents has {entries} entries, expected is one for each of the {inputs} inputs");
    }

    [Fact]
    public Task Raw_and_typed_contents_in_one_request()
    {
        var request = Tensors.RawRequest(GrpcServer.Identity("FP32"), "FP32", TwoFloats, 1, 2);
        request.Inputs[0].Contents = new InferTensorContents { Fp32Contents = { 1, 2 } };

        return AssertRefusedAsync(request, "The input x has contents, though raw_input_contents is used");
    }

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public Task Typed_contents_of_a_datatype_that_has_none(string datatype) => AssertRefusedAsync(
        Tensors.TypedRequest(GrpcServer.Identity(datatype), datatype, new() { Fp32Contents = { 1, 2 } }, 1, 2),
        $"The input x: {datatype} has no typed contents, send all inputs in raw_input_contents");

    [Theory]
    [InlineData("UINT8", 256u, "0 to 255")]
    [InlineData("UINT16", 65536u, "0 to 65535")]
    public Task Unsigned_number_out_of_range(string datatype, uint number, string range) => AssertRefusedAsync(
        Tensors.TypedRequest(GrpcServer.Identity(datatype), datatype, new() { UintContents = { 0, number } }, 1, 2),
        $"element 1 of uint_contents is {number}, {datatype} takes {range}");

    [Theory]
    [InlineData("INT8", 128, "-128 to 127")]
    [InlineData("INT8", -129, "-128 to 127")]
    [InlineData("INT16", 32768, "-32768 to 32767")]
    [InlineData("INT16", -32769, "-32768 to 32767")]
    public Task Signed_number_out_of_range(string datatype, int number, string range) => AssertRefusedAsync(
        Tensors.TypedRequest(GrpcServer.Identity(datatype), datatype, new() { IntContents = { 0, number } }, 1, 2),
        $"element 1 of int_contents is {number}, {datatype} takes {range}");

    [Theory]
    [InlineData("FP32", "fp32_contents")]
    [InlineData("UINT8", "uint_contents")]
    [InlineData("BYTES", "bytes_contents")]
    public async Task Typed_contents_that_do_not_fill_the_shape(string datatype, string field)
    {
        await AssertRefusedAsync(
            Tensors.TypedRequest(GrpcServer.Identity(datatype), datatype, Tensors.Contents(datatype), 1, 2), $"{field} has 4 elements, the shape [1, 2] takes 2");
        await AssertRefusedAsync(Tensors.Request(GrpcServer.Identity(datatype), datatype, 1, 2), $"{field} has 0 elements, the shape [1, 2] takes 2");
    }

    [Theory]
    [InlineData("FP32", "FP64", "fp64_contents is not for FP32, expected is fp32_contents")]
    [InlineData("INT8", "UINT8", "uint_contents is not for INT8, expected is int_contents")]
    [InlineData("BOOL", "INT8", "int_contents is not for BOOL, expected is bool_contents")]
    [InlineData("BYTES", "BOOL", "bool_contents is not for BYTES, expected is bytes_contents")]
    public Task Typed_contents_in_the_field_of_another_datatype(string datatype, string other, string expected) => AssertRefusedAsync(
        Tensors.TypedRequest(GrpcServer.Identity(datatype), datatype, Tensors.Contents(other), 2, 2), expected);

    [Fact]
    public async Task Shapes_that_the_input_does_not_take()
    {
        await AssertRefusedAsync(Tensors.Request(GrpcServer.Identity("FP32"), "FP32", 1, 3), "inputs[0].shape is [1, 3], the input x takes [-1, 2]");
        await AssertRefusedAsync(Tensors.Request(GrpcServer.Identity("FP32"), "FP32", 2), "inputs[0].shape is [2], the input x takes [-1, 2]");
        await AssertRefusedAsync(Tensors.Request(GrpcServer.Identity("FP32"), "FP32", -1, 2), "inputs[0].shape[0] of the input x must be a whole number");
        await AssertRefusedAsync(Tensors.Request(GrpcServer.Identity("FP32"), "FP32", long.MaxValue, 2), "the shape [9223372036854775807, 2] takes far more");
        await AssertRefusedAsync(Tensors.Request(GrpcServer.Identity("FP32"), "FP32", new long[100_000]), "inputs[0].shape has 100000 dimensions");
        await AssertRefusedAsync(Tensors.RawRequest(GrpcServer.Identity("FP32"), "FP32", TwoFloats, long.MaxValue, 2), "takes far more");
        await AssertRefusedAsync(Tensors.RawRequest(GrpcServer.Identity("BYTES"), "BYTES", [], long.MaxValue, 2), "its bytes are 0 elements");
    }

    [Fact]
    public async Task Names_and_datatypes_that_the_model_does_not_have()
    {
        await AssertRefusedAsync(Change(request => request.Inputs[0].Name = "z"), "inputs[0].name: the model has no input \"z\", it has \"x\"");
        await AssertRefusedAsync(Change(request => request.Inputs[0].Name = ""), "inputs[0].name: the model has no input \"\"");
        await AssertRefusedAsync(Change(request => request.Inputs[0].Datatype = "FP64"), "inputs[0].datatype is \"FP64\", the input x takes FP32");
        await AssertRefusedAsync(Change(request => request.Inputs[0].Datatype = "fp32"), "inputs[0].datatype is \"fp32\", the input x takes FP32");
        await AssertRefusedAsync(Change(request => request.Inputs.Add(request.Inputs[0])), "inputs[1].name: the input x is there twice");
        await AssertRefusedAsync(Change(request => request.Inputs.Clear()), "The input x (FP32 [-1]) is missing");
        await AssertRefusedAsync(Change(request => request.Outputs.Add(Output("z"))), "outputs[0].name: the model has no output \"z\", it has \"y\"");
        await AssertRefusedAsync(Change(request => request.Outputs.Add([Output("y"), Output("y")])), "outputs[1].name: the output y is there twice");
        await AssertRefusedAsync(Change(request => request.ModelName = ""), "model_name is missing");
    }

    [Fact]
    public async Task Parameters_that_cannot_be_followed()
    {
        await AssertRefusedAsync(Change(request => request.Parameters["timeout"] = new() { Int64Param = -1 }), "parameters.timeout must be a whole number, zero or more");
        await AssertRefusedAsync(Change(request => request.Parameters["timeout"] = new() { StringParam = "1" }), "parameters.timeout must be a whole number, zero or more");
        await AssertRefusedAsync(Change(request => request.Parameters["triton_x"] = new() { BoolParam = true }), "parameters.triton_x is reserved");
        await AssertRefusedAsync(Change(request => request.Inputs[0].Parameters["shared_memory_region"] = new() { StringParam = "r" }), "parameters.shared_memory_region is not offered by this server");
        await AssertRefusedAsync(
            Change(request =>
            {
                request.Outputs.Add(Output("y"));
                request.Outputs[0].Parameters["shared_memory_region"] = new() { StringParam = "r" };
            }),
            "parameters.shared_memory_region is not offered by this server");
    }

    [Fact]
    public async Task Parameters_that_are_not_known_are_passed_over()
    {
        var request = Change(request =>
        {
            request.Parameters["priority"] = new() { Uint64Param = 1 };
            request.Parameters["timeout"] = new() { Int64Param = 0 };
            request.Parameters["unset"] = new();
        });

        Assert.Equal([1], (await server.Inference.ModelInferAsync(request, cancellationToken: Cancellation)).Outputs[0].Contents.Fp32Contents);
    }

    [Theory]
    [InlineData("nothing", "", "Model nothing is unknown")]
    [InlineData("line", "9", "Version 9 of model line is unknown")]
    [InlineData("line", "abc", "Model line has no version abc")]
    [InlineData("line", "-1", "Model line has no version -1")]
    public async Task Unknown_model_or_version_is_not_found(string model, string version, string expected)
    {
        var request = Change(request => (request.ModelName, request.ModelVersion) = (model, version));

        await AssertFailsAsync(request, StatusCode.NotFound, FaultClass.Client, expected);
        await RpcAssert.FailsAsync(
            server.Inference.ModelMetadataAsync(new ModelMetadataRequest { Name = model, Version = version }, cancellationToken: Cancellation).ResponseAsync,
            StatusCode.NotFound,
            FaultClass.Client,
            expected);
        await RpcAssert.FailsAsync(
            server.Inference.ModelReadyAsync(new ModelReadyRequest { Name = model, Version = version }, cancellationToken: Cancellation).ResponseAsync,
            StatusCode.NotFound,
            FaultClass.Client,
            expected);
    }

    [Fact]
    public async Task Model_that_fails_on_a_well_formed_request_is_internal_in_one_clean_line()
    {
        var exception = await AssertFailsAsync(
            Tensors.TypedRequest("lookup", Datatype.Int64, new() { Int64Contents = { 7 } }, 1), StatusCode.Internal, FaultClass.Model, "out of data bounds");

        Assert.Equal("1", exception.Trailers.GetValue(SluiceHeaders.Version));
        Assert.DoesNotContain(".cc", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_that_the_model_declares_equal_are_the_callers_fault_when_the_run_fails()
    {
        var request = new ModelInferRequest
        {
            ModelName = "two",
            Inputs = { Tensors.Input("a", Datatype.Fp32, 2, 2), Tensors.Input("b", Datatype.Fp32, 3, 2) },
            RawInputContents = { ByteString.CopyFrom(new byte[16]), ByteString.CopyFrom(new byte[24]) },
        };

        await AssertRefusedAsync(request, "The input b has 3 as dimension 0");
    }

    private static ModelInferRequest Change(Action<ModelInferRequest> change)
    {
        var request = Tensors.Line(1);
        change(request);
        return request;
    }

    private static ModelInferRequest.Types.InferRequestedOutputTensor Output(string name) => new() { Name = name };

    private Task AssertRefusedAsync(ModelInferRequest request, string expected) => AssertFailsAsync(request, StatusCode.InvalidArgument, FaultClass.Client, expected);

    private Task<RpcException> AssertFailsAsync(ModelInferRequest request, StatusCode code, FaultClass fault, string expected) =>
        RpcAssert.FailsAsync(server.Inference.ModelInferAsync(request, cancellationToken: Cancellation).ResponseAsync, code, fault, expected);
}
