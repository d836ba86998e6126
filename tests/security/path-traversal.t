# Names that would lead out of the mail root, or to another place in it, if they were taken for
# paths: by RCPT and MAIL, and as names of users in each kind of login.  There is something to
# be had where they lead: an account and a verifier whose password the attacker knows.
use strict;
use warnings;
use lib 'tests/lib';
use File::Find qw(find);
use MailTest;
use MIME::Base64 qw(encode_base64);
use Scram;

my $root = new_root([ 'bob@example.com', 'secret' ]);
my $base = $root =~ s{/root\z}{}r;
my $verifier = Scram::verifier('known', 'salt', 4096) . "\n";

# The attacker's accounts: beside the mail root, in it but at another place, and at its top
for my $place ("$base/outside", "$root/accounts/example.com/bob", "$root/mail", "$root/passwords/example.com/sub", "$base/passwords") {
	system('mkdir', '-p', $place) == 0 or die "mkdir: $?\n";
	put("$place/evil", $verifier);
}
system('mkdir', '-p', "$base/accounts/evil.example/evil", "$base/passwords/evil.example") == 0 or die "mkdir: $?\n";
put("$base/passwords/evil.example/evil", $verifier);

sub put {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
}

# All that is below a directory, with what it holds.
sub tree {
	my ($directory) = @_;
	my %found;
	find({ no_chdir => 1, wanted => sub { $found{$_} = -f $_ && !-l $_ ? contents($_) : -d _ ? 'directory' : 'other' } }, $directory);
	return \%found;
}

my @locals = ('evil', '../evil', '../../outside/evil', '../../../outside/evil', 'bob/evil', 'sub/evil', './evil', '.', '..', '../bob', '/etc/passwd',
	'..\\evil', "evil\0", "bob\0/../evil", '%2e%2e/evil', "\xc0\xae\xc0\xae/evil", "\xc0\xae\xc0\xafevil", "\xe2\x80\xa5/evil", '.secret', '../.secret', '.incoming', '*/evil', 'x/../bob',
	"$base/outside/evil", 'evil' . '/' x 100);
my @domains = ('example.com', '..', '../..', '../../outside', '.', './example.com', '../passwords', '../../passwords/evil.example', '../evil.example', 'example.com/..', 'example.com/bob',
	'example.com/sub', 'example.com/../../../outside', '/', "$base/outside", 'evil.example', "example.com\0", '..example.com', 'example.com/.');
my @names = map { my $local = $_; map { "$local\@$_" } @domains } @locals;
# A login takes its time, so there are some of them
my @users = map({ my $local = $_; map { "$local\@$_" } 'example.com', '../../outside', 'evil.example' } @locals), map { "evil\@$_" } @domains;

# What the first session makes is there already
deliver($root, 'bob@example.com', 'hello');
my $before = tree($base);

# -- Logging in: bob's own name and password are what is right.
my %attempts = (
	'PLAIN' => [ 'smtp-stdio', "EHLO x\r\n", sub { 'AUTH PLAIN ' . encode_base64("\0$_[0]\0$_[1]", '') }, qr/^235 /m ],
	'PLAIN for another' => [ 'smtp-stdio', "EHLO x\r\n", sub { 'AUTH PLAIN ' . encode_base64("$_[0]\0$_[0]\0$_[1]", '') }, qr/^235 /m ],
	'LOGIN' => [ 'smtp-stdio', "EHLO x\r\n", sub { join "\r\n", 'AUTH LOGIN', encode_base64($_[0], ''), encode_base64($_[1], '') }, qr/^235 /m ],
	'USER' => [ 'pop3-stdio', '', sub { "USER $_[0]\r\nPASS $_[1]" }, qr/^\+OK Logged in|^\+OK \d+ \d+\r$/m ],
	'PLAIN of POP3' => [ 'pop3-stdio', '', sub { 'AUTH PLAIN ' . encode_base64("\0$_[0]\0$_[1]", '') }, qr/^\+OK Logged in|^\+OK \d+ \d+\r$/m ],
);
for my $kind (sort keys %attempts) {
	my ($name, $begin, $says, $good) = @{$attempts{$kind}};
	my $login = sub {
		my ($output) = run($begin . join('', map { $says->($_, $_[0]) . "\r\n" } @_[1 .. $#_]) . "STAT\r\nQUIT\r\n",
		    [ program($name), '-p', '-e', 100_000, '-d', $root ], limit => 120);
		return $output =~ $good;
	};
	ok($login->('secret', 'bob@example.com'), "$kind: the right name logs in");
	ok(!$login->('known', @users), "$kind: and none of " . @users . ' names that lead elsewhere');
}

# SCRAM shows what it has found by the salt: 'salt' is the attacker's.
my ($output) = run("EHLO x\r\n" . join('', map { 'AUTH SCRAM-SHA-256 ' . encode_base64("n,,n=$_,r=abcdefgh", '') . "\r\n*\r\n" } grep { !/,/ } @users),
    [ program('smtp-stdio'), '-e', 100_000, '-d', $root ], limit => 120);
my @challenges = map { MIME::Base64::decode_base64($_) } $output =~ /^334 (\S+)\r$/mg;
cmp_ok(scalar @challenges, '>', 10, 'SCRAM: many names are answered with a challenge');
is(scalar(grep { /,s=c2FsdA==,/ } @challenges), 0, 'SCRAM: none of which comes from a verifier that they lead to');

is_deeply(tree($base), $before, 'and nothing was made or changed by all that');

# -- Recipients, with -c, so that whatever can be a name is made an account
my @forms = (sub { $_[0] }, sub { $_[0] =~ s/^(.*)@/"$1"@/sr }, sub { $_[0] =~ s/^(.*)@/'"' . $1 =~ s{(.)}{\\$1}gsr . '"@'/ser }, sub { '@x.example:' . $_[0] }, sub { $_[0] =~ s/@/+x@/r });
my $paths = join '', map { my $name = $_; map { 'RCPT TO:<' . $_->($name) . ">\r\n" } @forms } @names;
($output) = run("EHLO x\r\nMAIL FROM:<a\@example.org> SMTPUTF8\r\n$paths" . "DATA\r\nSubject: evil\r\n.\r\nQUIT\r\n", [ program('smtp-stdio'), '-c', '-e', 100_000, '-r', 100_000, '-d', $root ], limit => 120);
like($output, qr/^221 /m, 'a session with all of them as recipients comes to its end');
my $after = tree($base);
my @changed = grep { !exists $before->{$_} || $before->{$_} ne ($after->{$_} // '') } keys %$after;
my @strange = grep { !m{^\Q$root\E/(?:mail|accounts)/example\.com(?:/[^/.][^/]*(?:/(?:new|cur|tmp)(?:/[0-9][^/]*)?)?)?\z} && !m{^\Q$root\E/outgoing(?:/(?:message|envelope))?\z} } @changed;
is("@strange", '', 'nothing is made but accounts of the hosted domain, and mail in them');
ok(!grep({ !exists $after->{$_} } keys %$before), 'and nothing is gone');
ok(scalar(grep { m{/mail/example\.com/evil/new/.} } @changed), 'where a name was one, it has its mail');

# -- Senders who get reports, and names of whom the client says to be
($output) = run("EHLO ../../outside/evil\r\n" . join('', map { my $name = $_; map { "MAIL FROM:<" . $_->($name) . "> SMTPUTF8\r\nRCPT TO:<bob\@example.com> NOTIFY=SUCCESS\r\nDATA\r\nx\r\n.\r\nRSET\r\n" } @forms[1, 2] } grep { /example\.com$/ } @names) . "QUIT\r\n",
    [ program('smtp-stdio'), '-e', 100_000, '-d', $root ], limit => 120);
like($output, qr/^221 /m, 'a session with all of them as senders comes to its end');
my $then = tree($base);
@strange = grep { !exists $after->{$_} && !m{^\Q$root\E/mail/example\.com/(?:bob|evil)/(?:new|cur|tmp)(?:/|\z)} && !m{^\Q$root\E/outgoing(?:/(?:message|envelope)(?:/[^/.][^/]*)?)?\z} && !m{^\Q$root\E/(?:mail|accounts)/example\.com/postmaster\b} } keys %$then;
is("@strange", '', 'and reports go into mailboxes, and nowhere else');

done_testing;
