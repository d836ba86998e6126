# With -t the recipients are those that the header names, in every form that RFC 5322 has for
# an address; Bcc is nobody else's business.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

# Sends to a server that takes anybody.  Returns the recipients it was given, and the message.
sub taken {
	my ($name, $input, @arguments) = @_;
	my $log = own_file('');
	is_sent($name, $input, [ @arguments, odd_server('-k', 'SMTPUTF8', '-l', $log) ]) or return ('', '');
	my $said = contents($log) =~ s/\r\n/\n/gr;
	my ($message) = $said =~ /^DATA\n(.*?)^\.\nQUIT\n/ms;
	return (join(' ', $said =~ /^RCPT TO:<(.*)>$/mg), $message // '');
}

# What stands in To, and who gets it
my @forms = (
	[ 'an address', 'bob@example.com', 'bob@example.com' ],
	[ 'brackets', '<bob@example.com>', 'bob@example.com' ],
	[ 'a name', 'Bob <bob@example.com>', 'bob@example.com' ],
	[ 'a name of words', 'Bob B. Builder <bob@example.com>', 'bob@example.com' ],
	[ 'a name without a blank behind', 'Bob<bob@example.com>', 'bob@example.com' ],
	[ 'a quoted name', '"Builder, Bob" <bob@example.com>', 'bob@example.com' ],
	[ 'a quoted name that looks like an address', '"eve@example.org" <bob@example.com>', 'bob@example.com' ],
	[ 'a quoted name with brackets', '"<eve@example.org>" <bob@example.com>', 'bob@example.com' ],
	[ 'quoting in quotes', '"Bob \"the\" \\\\ Builder" <bob@example.com>', 'bob@example.com' ],
	[ 'an encoded word', '=?utf-8?q?B=C3=B6b=2C_x?= <bob@example.com>', 'bob@example.com' ],
	[ 'two', 'bob@example.com, carol@example.com', 'bob@example.com carol@example.com' ],
	[ 'two without a blank', 'bob@example.com,carol@example.com', 'bob@example.com carol@example.com' ],
	[ 'two with names', 'Bob <bob@example.com>, "C, D" <carol@example.com>', 'bob@example.com carol@example.com' ],
	[ 'empty elements', ', bob@example.com,, carol@example.com ,', 'bob@example.com carol@example.com' ],
	[ 'a comment behind', 'bob@example.com (Bob)', 'bob@example.com' ],
	[ 'a comment before', '(Bob) bob@example.com', 'bob@example.com' ],
	[ 'a comment with a comma', 'bob@example.com (Builder, Bob), carol@example.com', 'bob@example.com carol@example.com' ],
	[ 'comments in comments', 'bob@example.com (a (b) \) c), carol@example.com', 'bob@example.com carol@example.com' ],
	[ 'comments in the address', 'bob(a)@(b)example(c).(d)com', 'bob@example.com' ],
	[ 'blanks in the address', 'bob @ example . com', 'bob@example.com' ],
	[ 'folding', "Bob\n <bob\@example.com>,\n\tcarol\@example.com", 'bob@example.com carol@example.com' ],
	[ 'folding in front', "\n bob\@example.com", 'bob@example.com' ],
	[ 'a folded quoted name', "\"Builder,\n Bob\" <bob\@example.com>", 'bob@example.com' ],
	[ 'a group', 'Friends: bob@example.com, Carol <carol@example.com>;', 'bob@example.com carol@example.com' ],
	[ 'an empty group beside', 'undisclosed-recipients:;, bob@example.com', 'bob@example.com' ],
	[ 'groups and others', 'dave@example.com, A: bob@example.com;, "B: x": carol@example.com;', 'dave@example.com bob@example.com carol@example.com' ],
	[ 'a quoted local-part', '"bob builder"@example.com', '"bob builder"@example.com' ],
	[ 'a quoted local-part with a comma', '<"bob,builder"@example.com>, carol@example.com', '"bob,builder"@example.com carol@example.com' ],
	[ 'quoting in a local-part', '<"bob\"b"@example.com>', '"bob\"b"@example.com' ],
	[ 'a route', '<@relay.example:bob@example.com>', 'bob@example.com' ],
	[ 'an address literal', 'bob@[192.0.2.1]', 'bob@[192.0.2.1]' ],
	[ 'an address literal with colons', 'Bob <bob@[IPv6:2001:db8::1]>, carol@example.com', 'bob@[IPv6:2001:db8::1] carol@example.com' ],
	[ 'all that an atom may have', "a!#\$%&'*+-/=?^_`{|}~z\@example.com", "a!#\$%&'*+-/=?^_`{|}~z\@example.com" ],
	[ 'dots', 'bob.b.builder@mail.example.com', 'bob.b.builder@mail.example.com' ],
	[ 'the one who is everywhere', 'postmaster', 'postmaster' ],
	[ 'one who is there twice', 'bob@example.com, Bob <bob@example.com>', 'bob@example.com' ],
	[ 'UTF-8', 'Zoë <zoë@münchen.example>', 'zoë@münchen.example' ],
	[ 'a name in UTF-8', 'Zoë Ö. <bob@example.com>', 'bob@example.com' ],
);
for (@forms) {
	my ($name, $to, $expected) = @$_;
	my ($recipients, $message) = taken($name, "From: a\@b.example\nTo: $to\nSubject: x\n\ntext\n", '-t');
	is($recipients =~ s/\[IPv6:/[IPv6:/ir, $expected, "$name: who gets it"); ## smtp-send-addresses
	like($message, qr/^To: ?\Q$to\E$/m, "$name: the field stays as it is");
}

# Which fields, in whatever case, however often
my $everybody = "to: a\@example.com\nTo: b\@example.com\nCC: c\@example.com\nCc: d\@example.com\nBcc: e\@example.com,\n f\@example.com\n"
    . "BCC:\nbcc : g\@example.com\nReply-To: x\@example.com\nResent-To: y\@example.com\nX-To: z\@example.com\nFrom: n\@example.com\n\ntext\n";
my ($recipients, $message) = taken('all fields', $everybody, '-t');
is($recipients, join(' ', map { "$_\@example.com" } 'a' .. 'g'), 'To, Cc and Bcc');
unlike($message, qr/^bcc|[efg]\@example/im, 'no Bcc is left, and nothing of one'); ## smtp-send-bcc
like($message, qr/^to: a.*^To: b.*^CC: c.*^Cc: d.*^Reply-To: x.*^Resent-To: y.*^X-To: z.*^From: n.*\n\ntext\n\z/ms, 'all else is, in its order');
($recipients) = taken('arguments beside', $everybody, '-t', 'Bob <bob@example.com>', 'c@example.com');
is(join(' ', sort split / /, $recipients), join(' ', sort 'bob@example.com', map { "$_\@example.com" } 'a' .. 'g'), 'those of the command line are added');
($recipients, $message) = taken('without -t', $everybody, 'bob@example.com');
is($recipients, 'bob@example.com', 'without -t the header names nobody');
like($message, qr/^Bcc: e/m, 'and keeps its Bcc');
($recipients, $message) = taken('Bcc alone', "From: a\@b.example\nSubject: x\nBcc: bob\@example.com\n\ntext\n", '-t');
is($recipients, 'bob@example.com', 'Bcc alone is enough');
unlike($message, qr/bcc/i, 'and nothing of it is seen');

# Many in one field
my @many = map { "user$_\@example.com" } 1 .. 300;
($recipients) = taken('many', "To: " . join(",\n ", @many) . "\nFrom: a\@b.example\n\ntext\n", '-t');
is($recipients, "@many", 'all of them, in their order');

# What is no address: it is said where, and nobody gets anything
for ([ 'no domain', 'bob' ], [ 'two words', 'bob builder' ], [ 'an address for a group\'s name', 'bob@example.com: eve@example.com;' ],
    [ 'no end of a quotation', '"Bob <bob@example.com>' ],
    [ 'no end of brackets', 'Bob <bob@example.com' ], [ 'no end of a comment', 'bob@example.com (Bob' ],
    [ 'two addresses in one', 'bob@example.com carol@example.com' ], [ 'something behind', '<bob@example.com> x' ],
    [ 'two domains', 'bob@example.com@example.org' ], [ 'nothing in brackets', 'Bob <>' ], [ 'an empty local-part', '@example.com' ],
    [ 'an empty domain', 'bob@' ], [ 'a long local-part', 'x' x 1000 . '@example.com' ], [ 'a control', "bob\x01\@example.com" ]) {
	my ($name, $to) = @$_;
	my $log = own_file('');
	is_refused($name, 65, qr/./, "From: a\@b.example\nTo: carol\@example.com, $to\n\ntext\n", [ '-t', odd_server('-l', $log) ]);
	unlike(contents($log), qr/RCPT/, "$name: nobody gets anything");
}
is_refused('nobody is named', 65, qr/./, "From: a\@b.example\nSubject: x\n\ntext\n", [ '-t', odd_server() ]);
is_refused('an empty To', 65, qr/./, "From: a\@b.example\nTo: undisclosed-recipients:;\n\ntext\n", [ '-t', odd_server() ]);
is_refused('no header', 65, qr/./, "text\n", [ '-t', odd_server() ]);

# On the command line: the same forms, one an argument
for ([ 'Bob <bob@example.com>', 'bob@example.com' ], [ '"Builder, Bob" <bob@example.com>', 'bob@example.com' ],
    [ '<bob@example.com>', 'bob@example.com' ], [ 'bob@example.com (Bob)', 'bob@example.com' ], [ '"bob b"@example.com', '"bob b"@example.com' ]) {
	my ($argument, $expected) = @$_;
	my ($recipients) = taken("argument $argument", "Subject: x\n\ntext\n", $argument);
	is($recipients, $expected, "argument $argument: who gets it");
}
for my $argument ('', 'bob', 'bob@', 'bob@example.com TO:<eve@example.com>', 'Friends: bob@example.com;',
    '@example.com', 'a@example.com, b@example.com', "bob\@example.com\nRSET", "bob\@exam\rple.com", 'Bob <bob@example.com') {
	my ($status) = smtp_send("Subject: x\n\ntext\n", [ $argument, odd_server() ]);
	is($status, 64, 'no address: ' . Program::visible($argument));
}
done_testing;
