using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace Palisade.CyberTipline;

/// <summary>
/// Holds a document against the schema, element by element, so that each fault names its place and what was expected
/// there instead of quoting the document.
/// </summary>
internal sealed class SchemaWalk
{
    /// <summary>A document full of faults is answered with the first hundred.</summary>
    private const int MaxFaults = 100;

    private readonly List<DocumentFault> _faults = [];
    private readonly XmlSchemaValidator _validator;
    private bool _failed;

    public SchemaWalk(XmlSchemaSet schema)
    {
        var names = new NameTable();
        _validator = new XmlSchemaValidator(names, schema, new XmlNamespaceManager(names), XmlSchemaValidationFlags.None)
        {
            XmlResolver = null!,
        };
        _validator.ValidationEventHandler += (_, _) => _failed = true;
    }

    public List<DocumentFault> Walk(XElement root)
    {
        _validator.Initialize();
        Visit(root);
        return _faults;
    }

    private void Visit(XElement element)
    {
        var info = new XmlSchemaInfo();
        var expected = Failed(() => _validator.ValidateElement(element.Name.LocalName, element.Name.NamespaceName, info), out var words);
        if (expected)
        {
            Add(element.Fault("schema", words));
            _validator.SkipToEndElement(new XmlSchemaInfo());
            return;
        }

        VisitAttributes(element);
        if (Failed(() => _validator.ValidateEndOfAttributes(new XmlSchemaInfo()), out _))
        {
            Add(element.Fault("schema", "lacks an attribute that it needs"));
        }

        VisitContent(element, info);
    }

    private void VisitAttributes(XElement element)
    {
        foreach (var attribute in element.Attributes())
        {
            if (attribute.IsNamespaceDeclaration || attribute.Name.NamespaceName == XmlSchema.InstanceNamespace)
            {
                continue;
            }

            var info = new XmlSchemaInfo();
            if (Failed(() => _validator.ValidateAttribute(attribute.Name.LocalName, attribute.Name.NamespaceName, attribute.Value, info), out _))
            {
                var type = info.SchemaAttribute?.AttributeSchemaType;
                Add(type is null
                    ? attribute.Fault("schema", "is no attribute of this element")
                    : attribute.Fault(ValueWords.Rule(attribute.Name.LocalName, type), ValueWords.Expected(type)));
            }
        }
    }

    private void VisitContent(XElement element, XmlSchemaInfo info)
    {
        foreach (var node in element.Nodes())
        {
            switch (node)
            {
                case XElement child when _faults.Count < MaxFaults:
                    Visit(child);
                    break;
                case XText text when string.IsNullOrWhiteSpace(text.Value):
                    _validator.ValidateWhitespace(text.Value);
                    break;
                case XText text:
                    if (Failed(() => _validator.ValidateText(text.Value), out _))
                    {
                        Add(element.Fault("schema", "holds elements and no text of its own"));
                    }

                    break;
            }
        }

        var end = new XmlSchemaInfo();
        if (Failed(() => _validator.ValidateEndElement(end), out var missing))
        {
            var isSimple = info.SchemaType is XmlSchemaSimpleType or XmlSchemaComplexType { ContentType: XmlSchemaContentType.TextOnly };
            Add(isSimple
                ? element.Fault(ValueWords.Rule(element.Name.LocalName, info.SchemaType!, info.SchemaElement), ValueWords.Expected(info.SchemaType!, info.SchemaElement))
                : element.Fault("schema", missing.Replace("is out of order or unknown here", "ends too early", StringComparison.Ordinal)));
        }
    }

    /// <param name="words">What was expected, asked before the step, since the validator forgets it after.</param>
    private bool Failed(Action step, out string words)
    {
        var expected = _validator.GetExpectedParticles().OfType<XmlSchemaElement>().Select(particle => particle.QualifiedName.Name).ToList();
        words = expected.Count == 0
            ? "is out of order or unknown here; nothing more is expected"
            : $"is out of order or unknown here; expected: {string.Join(", ", expected)}";
        _failed = false;
        step();
        return _failed;
    }

    private void Add(DocumentFault fault)
    {
        if (_faults.Count < MaxFaults)
        {
            _faults.Add(fault);
        }
    }
}
