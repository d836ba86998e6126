# Senders and recipients that a shell, or the programs that it runs, would take for something
# to be done: they come to a filter as they are, do nothing there, and get past no rule.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(getcwd);
use Filter;
use MailTest;

my $root = new_root('list@example.com', 'bob@example.com');
my $mark = new_file('mark');
my $members = new_file('members');
open my $file, '>', $members or die "$members: $!\n";
print $file "member\@example.org\n";
close $file or die "$members: $!\n";

my @hostile = ("\$(touch $mark)", "`touch $mark`", ";touch $mark;", "|touch $mark", "';touch $mark;'", "\";touch $mark;\"", "&&touch $mark", "() { :;}; touch $mark", "x=\$(touch $mark)", "-f$members", '-v', '--help', '-e',
	'.*', '*', '?', '~root', '\\', '%s%n', 'member@example.org', "member\@example.org -e ", '$SENDER', '${IFS}', '$((1/0))', "#", '!!', '<(id)', "a\\\\nmember");
sub quoted { return '"' . $_[0] =~ s/([\\"])/\\$1/gr . '"' }

# The reply to a message; '' where its envelope was refused.
sub reply_to {
	my ($reply) = eval { mail_through(@_, root => $root, message => "Subject: x\n\nx\n") };
	return defined $reply ? $reply : '';
}

my $filter = getcwd() . '/tests/peers/filter/members-only';
my ($refused, @wrong) = (0);
for my $text (@hostile) {
	for my $from (quoted($text) . '@example.org', quoted($text) . '@[192.0.2.1]', "\@$text:a\@example.org") {
		my $reply = reply_to(filter => "$filter $members list\@example.com", from => "<$from>", to => [ '<list@example.com>' ]);
		$refused++ if $reply =~ /^550 5\.7\.1 Only members/;
		push @wrong, "$from: $reply" if $reply =~ /^2/;
	}
}
is(join("\n", @wrong), '', 'no such sender is a member');
cmp_ok($refused, '>=', @hostile, 'the filter has said so of most, and the others were refused before');
like(reply_to(filter => "$filter $members list\@example.com", from => '<member@example.org>', to => [ '<list@example.com>' ]), qr/^250 2\.0\.0 /, 'a true one is');

# Each shell that is there is told just what the client has said, in variables and on descriptor 3.
for my $shell (grep { -x } '/bin/sh', '/bin/bash') {
	my $tells = new_filter("exec $shell -c 'printf \"%s\\\\n\" \"\$SENDER\" >>\"\$0/sender\"; cat <&3 >>\"\$0/recipients\"' \"\$at\"");
	my @those;
	for my $text (@hostile) {
		my $name = quoted($text);
		my $answer = reply_to(filter => $tells, flags => [ '-c' ], from => "<$name\@example.org>", to => [ "<bob\@example.com>", '<' . quoted("bob+$text") . '@example.com>' ]);
		push @those, $name if $answer =~ /^250/;
	}
	cmp_ok(scalar @those, '>', 20, "$shell: most of them are good senders");
	is(scalar(grep { my $name = $_; !grep { $_ eq "$name\@example.org" } split /\n/, written_by($tells, 'sender') // '' } @those), 0, "$shell: the filter knows each as it is");
	my @lines = split /\n/, written_by($tells, 'recipients') // '';
	cmp_ok(scalar @lines, '<=', 2 * @hostile, "$shell: and no more recipients than there were");
	cmp_ok(scalar(grep { $_ eq 'bob@example.com' } @lines), '>=', scalar @those, "$shell: of whom one is always known");
}
ok(!-e $mark, 'and nothing was done');

done_testing;
