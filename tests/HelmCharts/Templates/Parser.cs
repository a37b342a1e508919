using System.Globalization;

namespace Sluice.HelmCharts.Templates;

/// <summary>Makes nodes of tokens. Like Go's, it refuses functions and variables that do not exist even where they would never be evaluated.</summary>
internal sealed class Parser
{
    private readonly string _file;
    private readonly IReadOnlyList<Token> _tokens;
    private readonly Func<string, bool> _isFunction;
    private readonly Action<Template> _define;
    private readonly List<string> _variables = ["$"];
    private int _position;
    private int _rangeDepth;

    private Parser(string file, IReadOnlyList<Token> tokens, Func<string, bool> isFunction, Action<Template> define)
    {
        _file = file;
        _tokens = tokens;
        _isFunction = isFunction;
        _define = define;
    }

    /// <summary>Parses a file and gives what it defines, and itself by its own name, to <paramref name="define"/>.</summary>
    public static void Parse(string file, string source, Func<string, bool> isFunction, Action<Template> define)
    {
        var parser = new Parser(file, Lexer.Tokenize(file, source), isFunction, define);
        var body = parser.ParseBlock(out var end, topLevel: true);
        if (end.Kind != TokenKind.End)
        {
            throw parser.Error(end, $"unexpected {{{{{end.Text}}}}}: nothing is open here");
        }

        define(new Template(file, file, body));
    }

    /// <summary>Reads nodes up to <c>end</c>, <c>else</c> or the end of the file; that token is given back.</summary>
    private Block ParseBlock(out Token end, bool topLevel = false)
    {
        var nodes = new List<Node>();
        while (true)
        {
            var token = Take();
            if (token.Kind == TokenKind.End)
            {
                end = token;
                return new Block(nodes);
            }

            if (token.Kind == TokenKind.Text)
            {
                nodes.Add(new TextNode(token.Line, token.Text));
                continue;
            }

            if (Peek() is { Kind: TokenKind.Word, Text: "end" or "else" } keyword)
            {
                Take();
                end = keyword;
                return new Block(nodes);
            }

            if (ParseAction(topLevel) is { } node)
            {
                nodes.Add(node);
            }
        }
    }

    private Node? ParseAction(bool topLevel)
    {
        var first = Peek();
        if (first.Kind == TokenKind.Word)
        {
            switch (first.Text)
            {
                case "if":
                    return ParseControl((condition, then, otherwise) => new IfNode(first.Line, condition, then, otherwise), "if");
                case "with":
                    return ParseControl((value, then, otherwise) => new WithNode(first.Line, value, then, otherwise), "with");
                case "range":
                    return ParseControl((items, body, otherwise) => new RangeNode(first.Line, items, body, otherwise), "range");
                case "define":
                    ParseDefine(topLevel);
                    return null;
                case "template":
                    return ParseTemplate();
                case "block":
                    return ParseBlockAction();
                case "break" or "continue" when !_isFunction(first.Text):
                    return ParseJump();
            }
        }

        var pipeline = ParsePipeline("an action", allowTwoVariables: false);
        Expect(TokenKind.Close, "an action");
        return new ActionNode(first.Line, pipeline);
    }

    private JumpNode ParseJump()
    {
        var keyword = Take();
        if (_rangeDepth == 0)
        {
            throw Error(keyword, $"{{{{{keyword.Text}}}}} outside {{{{range}}}}");
        }

        Expect(TokenKind.Close, keyword.Text);
        return new JumpNode(keyword.Line, keyword.Text == "break");
    }

    private T ParseControl<T>(Func<Pipeline, Block, Block?, T> make, string context)
    {
        var opened = Take();
        var scope = _variables.Count;
        var head = ParsePipeline(context, allowTwoVariables: context == "range");
        Expect(TokenKind.Close, context);
        _rangeDepth += context == "range" ? 1 : 0;
        var body = ParseBlock(out var end);
        _rangeDepth -= context == "range" ? 1 : 0;
        var otherwise = ParseElse(end, context, opened);
        _variables.RemoveRange(scope, _variables.Count - scope);
        return make(head, body, otherwise);
    }

    private Block? ParseElse(Token end, string context, Token opened)
    {
        if (end.Kind == TokenKind.End)
        {
            throw Error(opened, $"{{{{{context}}}}} has no {{{{end}}}}");
        }

        if (end.Text == "end")
        {
            Expect(TokenKind.Close, "end");
            return null;
        }

        if (context == "if" && Peek() is { Kind: TokenKind.Word, Text: "if" } elseIf)
        {
            // The end of the inner one ends the outer one, too.
            return new Block([ParseControl((condition, then, otherwise) => new IfNode(elseIf.Line, condition, then, otherwise), "if")]);
        }

        Expect(TokenKind.Close, "else");
        var block = ParseBlock(out var last);
        if (last.Kind == TokenKind.End || last.Text == "else")
        {
            throw Error(opened, $"{{{{end}}}} of {{{{{context}}}}} was expected on line {last.Line}");
        }

        Expect(TokenKind.Close, "end");
        return block;
    }

    private void ParseDefine(bool topLevel)
    {
        var keyword = Take();
        if (!topLevel)
        {
            throw Error(keyword, "{{define}} stands within another action");
        }

        var name = Expect(TokenKind.StringLiteral, "define").Text;
        Expect(TokenKind.Close, "define");
        DefineBody(name, keyword);
    }

    private void DefineBody(string name, Token opened)
    {
        var (variables, rangeDepth) = (_variables.ToArray(), _rangeDepth);
        _variables.Clear();
        _variables.Add("$");
        _rangeDepth = 0;
        var body = ParseBlock(out var end);
        if (end.Text != "end")
        {
            throw Error(opened, $"{{{{end}}}} of \"{name}\" was expected on line {end.Line}");
        }

        Expect(TokenKind.Close, "end");
        _variables.Clear();
        _variables.AddRange(variables);
        _rangeDepth = rangeDepth;
        _define(new Template(name, _file, body));
    }

    private TemplateNode ParseTemplate()
    {
        var keyword = Take();
        var name = Expect(TokenKind.StringLiteral, "template").Text;
        var argument = Peek().Kind == TokenKind.Close ? null : ParsePipeline("template", allowTwoVariables: false);
        Expect(TokenKind.Close, "template");
        return new TemplateNode(keyword.Line, name, argument);
    }

    private TemplateNode ParseBlockAction()
    {
        var keyword = Take();
        var name = Expect(TokenKind.StringLiteral, "block").Text;
        var argument = ParsePipeline("block", allowTwoVariables: false);
        Expect(TokenKind.Close, "block");
        DefineBody(name, keyword);
        return new TemplateNode(keyword.Line, name, argument);
    }

    private Pipeline ParsePipeline(string context, bool allowTwoVariables)
    {
        var line = Peek().Line;
        var (variables, assigns) = ParseVariables(allowTwoVariables);
        var commands = new List<Command>();
        while (true)
        {
            commands.Add(ParseCommand(context));
            if (commands.Count > 1 && commands[^1].Operands[0] is LiteralOperand or NilOperand or DotOperand)
            {
                throw Error(Peek(), $"a function or method was expected in stage {commands.Count} of the pipeline");
            }

            if (Peek().Kind != TokenKind.Pipe)
            {
                break;
            }

            Take();
        }

        if (!assigns)
        {
            _variables.AddRange(variables);
        }

        return new Pipeline(line, variables, assigns, commands);
    }

    private (IReadOnlyList<string> Variables, bool Assigns) ParseVariables(bool allowTwoVariables)
    {
        var first = Peek();
        if (first.Kind != TokenKind.Variable || Peek(1).Kind is not (TokenKind.Declare or TokenKind.Assign or TokenKind.Comma))
        {
            return ([], false);
        }

        var variables = new List<string> { Take().Text };
        if (Peek().Kind == TokenKind.Comma)
        {
            if (!allowTwoVariables)
            {
                throw Error(first, "two variables are for range only");
            }

            Take();
            variables.Add(Expect(TokenKind.Variable, "range").Text);
        }

        var assigns = Take() switch
        {
            { Kind: TokenKind.Declare } => false,
            { Kind: TokenKind.Assign } => true,
            var other => throw Error(other, $"':=' or '=' was expected, not '{other.Text}'"),
        };
        if (assigns && variables.Find(name => !_variables.Contains(name)) is { } unknown)
        {
            throw Error(first, $"undefined variable {unknown}");
        }

        return (variables, assigns);
    }

    private Command ParseCommand(string context)
    {
        var operands = new List<Operand>();
        var line = Peek().Line;
        while (true)
        {
            var next = Peek();
            if (next.Kind is TokenKind.Close or TokenKind.CloseParenthesis or TokenKind.Pipe)
            {
                break;
            }

            if (operands.Count > 0 && !next.AfterSpace)
            {
                throw Error(next, $"a space was expected before '{next.Text}' in {context}");
            }

            operands.Add(ParseOperand(context));
        }

        if (operands.Count == 0)
        {
            throw Error(Peek(), $"a value is missing in {context}");
        }

        if (operands.Count > 1 && operands[0] is LiteralOperand or NilOperand or DotOperand)
        {
            throw Error(Peek(), "an argument is given to something that is not a function");
        }

        return new Command(line, operands);
    }

    private Operand ParseOperand(string context)
    {
        var operand = ParseTerm(context);
        var fields = new List<string>();
        while (Peek() is { Kind: TokenKind.Field, AfterSpace: false })
        {
            fields.Add(Take().Text);
        }

        return fields.Count == 0 ? operand : operand switch
        {
            FieldOperand field => field with { Fields = [.. field.Fields, .. fields] },
            VariableOperand variable => variable with { Fields = fields },
            Pipeline or FunctionOperand => new ChainOperand(operand.Line, operand, fields),
            _ => throw Error(Peek(), $"unexpected .{fields[0]} after a literal"),
        };
    }

    private Operand ParseTerm(string context)
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Dot:
                return new DotOperand(token.Line);
            case TokenKind.Field:
                return new FieldOperand(token.Line, [token.Text]);
            case TokenKind.StringLiteral:
                return new LiteralOperand(token.Line, token.Text);
            case TokenKind.Number or TokenKind.Character:
                return new LiteralOperand(token.Line, NumberOf(token));
            case TokenKind.Variable when _variables.Contains(token.Text):
                return new VariableOperand(token.Line, token.Text, []);
            case TokenKind.Variable:
                throw Error(token, $"undefined variable {token.Text}");
            case TokenKind.Word:
                return WordOf(token);
            case TokenKind.OpenParenthesis:
                var pipeline = ParsePipeline("parentheses", allowTwoVariables: false);
                Expect(TokenKind.CloseParenthesis, "parentheses");
                return pipeline;
            default:
                throw Error(token, $"unexpected '{token.Text}' in {context}");
        }
    }

    private Operand WordOf(Token token) => token.Text switch
    {
        "true" => new LiteralOperand(token.Line, true),
        "false" => new LiteralOperand(token.Line, false),
        "nil" => new NilOperand(token.Line),
        _ when _isFunction(token.Text) => new FunctionOperand(token.Line, token.Text),
        _ => throw Error(token, $"function \"{token.Text}\" is not defined"),
    };

    private object NumberOf(Token token)
    {
        if (Yaml.YamlScalar.Whole(token.Text.Replace("_", "", StringComparison.Ordinal)) is { } whole)
        {
            return whole is >= int.MinValue and <= int.MaxValue ? (int)whole : throw Error(token, $"{token.Text} is larger than this renderer's int");
        }

        return token.Text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0 && double.TryParse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Error(token, $"'{token.Text}' is not a number");
    }

    private Token Peek(int ahead = 0) => _tokens[Math.Min(_position + ahead, _tokens.Count - 1)];

    private Token Take() => _tokens[Math.Min(_position++, _tokens.Count - 1)];

    private Token Expect(TokenKind kind, string context)
    {
        var token = Take();
        return token.Kind == kind ? token : throw Error(token, $"{kind} was expected in {context}, not '{token.Text}'");
    }

    private ChartException Error(Token token, string problem) => new(_file, token.Line, problem);
}
