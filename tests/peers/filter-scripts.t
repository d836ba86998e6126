# Filters for -f that are scripts of a few lines, from tests/peers/filter: refusing by content,
# by sender and recipient, dropping, adding a header line or a footer.  And other people's
# programs that rewrite: sed, perl, formail.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(getcwd);
use Filter;
use MailTest;

my $scripts = getcwd() . '/tests/peers/filter';
my $plain = "From: <sender\@client.example>\nSubject: plain\n\nThe text.\n.a dot\n";
my $html = "Subject: html\nContent-Type: text/html; charset=utf-8\n\n<p>caf\xc3\xa9\n";
my $delivered = qr/^250 2\.0\.0 OK id=\S+$/;

# What bob has got in the end, and what was said.
sub filtered {
	my ($filter, %with) = @_;
	my $root = new_root(map { [ "$_\@example.com", 'secret' ] } qw(bob eve staff));
	my $reply = mail_through(root => $root, filter => $filter, message => $plain, to => ['<bob@example.com>'], %with);
	my @there = messages($root, 'bob@example.com');
	is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c
	ok(has_true_sizes($_), 'its sizes are true') for @there; ## smtp-stdio-store-a
	return ($reply, @there ? without_trace(contents($there[0])) : undef);
}

sub is_filtered {
	my ($name, $reply, $text, $filter, %with) = @_;
	my ($said, $stored) = filtered($filter, %with);
	like($said, $reply, "$name: the reply"); ## smtp-stdio-filter
	is($stored, $text, "$name: " . (defined $text ? 'what is delivered' : 'nothing is delivered')); ## smtp-stdio-filter
}

is_filtered('refuse-programs, a text', $delivered, $plain, "$scripts/refuse-programs");
for my $part ("Content-Type: application/octet-stream; name=game.exe\n", qq(Content-Disposition: attachment;\n\tfilename="GAME.SCR"\n)) {
	is_filtered('refuse-programs, a program', qr/^550 5\.7\.1 No programs, please$/, undef, "$scripts/refuse-programs", message => "$part\nMZ\n");
}
is_filtered('add-header', $delivered, $plain =~ s/\n\n/\nX-Seen-By: our filter\n\n/r, "$scripts/add-header X-Seen-By our filter");
is_filtered('add-header without its arguments', qr/^451 4\.3\.0 /, undef, "$scripts/add-header");
my $footer = new_file('footer');
open my $file, '>', $footer or die;
print $file "Example Ltd\n";
close $file;
is_filtered('footer, a plain text', $delivered, "$plain-- \nExample Ltd\n", "$scripts/footer $footer");
is_filtered('footer, by BDAT', $delivered, "$plain-- \nExample Ltd\n", "$scripts/footer $footer", chunk => 9);
is_filtered('footer, another type', $delivered, $html, "$scripts/footer $footer", message => $html);
is_filtered('drop-marked, a text', $delivered, $plain, "$scripts/drop-marked");
is_filtered('drop-marked, what is marked', $delivered, undef, "$scripts/drop-marked", message => "X-Spam-Flag: YES\n$plain");
is_filtered('drop-marked, the mark in the text', $delivered, "Subject: x\n\nX-Spam-Flag: YES\n", "$scripts/drop-marked",
    message => "Subject: x\n\nX-Spam-Flag: YES\n");

my $members = new_file('members');
open $file, '>', $members or die;
print $file "Carol\@Example.org\n\n";
close $file;
my $closed = "$scripts/members-only $members staff\@example.com";
my @both = (to => [ '<bob@example.com>', '<Staff@Example.com>' ]);
is_filtered('members-only, another recipient', $delivered, $plain, $closed);
is_filtered('members-only, a stranger', qr/^550 5\.7\.1 Only members may write to staff\@example\.com$/, undef, $closed, @both);
is_filtered('members-only, the null sender', qr/^550 5\.7\.1 /, undef, $closed, @both, from => '<>');
is_filtered('members-only, a member', $delivered, $plain, $closed, @both, from => '<carol@example.org>');
is_filtered('members-only, who has logged in', $delivered, $plain, $closed, @both, flags => ['-p'],
    first => ['AUTH PLAIN AGV2ZUBleGFtcGxlLmNvbQBzZWNyZXQ=']);

# Programs as they are.
is_filtered('sed', $delivered, $plain =~ s/text/TEXT/r, 'sed s/text/TEXT/');
is_filtered('perl', $delivered, $plain =~ s/^(Subject: )/$1\[list] /mr, 'perl -pe s/^(Subject:\s)/$1\[list]\x20/');
is_filtered('grep that finds', $delivered, "Subject: plain\n", 'grep ^Subject:');
is_filtered('grep that does not', qr/^451 4\.3\.0 /, undef, 'grep -q ^X-Good:');

subtest 'formail' => sub {
	my ($formail) = grep { -x } map { "$_/formail" } split /:/, $ENV{PATH};
	if (!defined $formail) {
		return fail('needs formail (Debian package procmail)') if $ENV{STRICT};
		plan skip_all => 'needs formail (Debian package procmail)';
	}
	my ($said, $stored) = filtered('formail -f -I X-Seen-By:formail -i Subject:changed');
	like($said, $delivered, 'taken'); ## smtp-stdio-filter
	like($stored, qr/^X-Seen-By:\s*formail$/m, 'a header line is added'); ## smtp-stdio-filter
	like($stored, qr/^Subject:\s*changed$/m, 'and one replaced'); ## smtp-stdio-filter
	like($stored, qr/\n\nThe text\.\n\.a dot\n\n?\z/, 'the text is as it was, but for the empty line that formail adds'); ## smtp-stdio-filter
};

done_testing;
